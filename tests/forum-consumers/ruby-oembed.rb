# Prints what ruby-oembed makes of an address, found by its discovery link: ruby ruby-oembed.rb ADDRESS [json|xml]
require "json"
require "oembed"

response = OEmbed::ProviderDiscovery.get(ARGV[0], format: (ARGV[1] || "json").to_sym)
puts JSON.generate(class: response.class.name, rich: response.rich?, html: response.html, fields: response.fields)

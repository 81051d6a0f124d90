# Prints what ruby-open-graph-reader makes of an address: ruby open-graph-reader.rb ADDRESS
require "json"
require "open_graph_reader"

page = OpenGraphReader.fetch!(ARGV[0])
og = page.og
image = { url: og.image.url, width: og.image.width, height: og.image.height }
puts JSON.generate(title: og.title, type: og.type, url: og.url, description: og.description, site_name: og.site_name,
                   image: image)

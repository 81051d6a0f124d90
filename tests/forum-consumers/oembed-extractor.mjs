// Prints what @extractus/oembed-extractor makes of an address, found by its discovery link, or with a maxwidth as that of
// a provider that it knows: node oembed-extractor.mjs ADDRESS [MAXWIDTH]
import { extract, setProviderList } from '@extractus/oembed-extractor'

const [address, maxwidth] = process.argv.slice(2)
if (maxwidth) {
  const { origin } = new URL(address)
  setProviderList([{ endpoints: [{ schemes: [`${origin}/*`], url: `${origin}/oembed` }] }])
  // It asks known providers by HTTPS alone, which the tests' own server does not speak.
  const plain = (asked) => fetch(asked.replace('https://', 'http://'))
  console.log(JSON.stringify(await extract(address, { maxwidth: Number(maxwidth) }, plain)))
} else {
  console.log(JSON.stringify(await extract(address)))
}

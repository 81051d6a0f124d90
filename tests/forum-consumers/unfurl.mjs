// Prints what unfurl.js makes of an address: node unfurl.mjs ADDRESS
import { unfurl } from 'unfurl.js'

console.log(JSON.stringify(await unfurl(process.argv[2])))

/** A server that answers each request with a kilobyte of JSON, in a process of its own. */
import { createServer } from 'node:http'

const answer = JSON.stringify({ id: 1, cooked: 'x'.repeat(1000) })
const server = createServer((incoming, outgoing) => {
  incoming.resume()
  incoming.on('end', () => {
    outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': String(answer.length) })
    outgoing.end(answer)
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/` })
})
process.on('disconnect', () => process.exit(0))

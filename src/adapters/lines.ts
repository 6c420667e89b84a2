/** Lines of a stream, as those end that hold JSON each: at a line feed and at nothing else. */
import { StringDecoder } from 'node:string_decoder'

/** U+2028 and U+2029, which readers of lines for people take for an end, may stand within a string of JSON. */
export async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest: string[] = []
  for await (const chunk of stream) {
    const [first = '', ...more] = decoder.write(chunk).split('\n')
    rest.push(first)
    for (const next of more) {
      yield rest.join('').replace(/\r$/, '')
      rest = [next]
    }
  }
  const last = rest.join('') + decoder.end()
  if (last !== '') yield last
}

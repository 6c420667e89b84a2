/** The HTTP client of the product against the one that is built into Node. */
import { z } from 'zod'
import { startChild } from './child.ts'
import { figure, median, round, type Figure, type Run, type Scenario } from './figure.ts'

const measured = z.object({ ms: z.number(), cpuMs: z.number(), megabytes: z.number() })
type Measured = z.infer<typeof measured>

async function once(kind: 'own' | 'fetch', url: string, calls: number): Promise<Measured> {
  const child = startChild('client.ts', [kind, url, String(calls)])
  const found = await child.hear(measured)
  await child.end()
  return found
}

async function measure({ pairs, quick, say }: Run): Promise<Figure[]> {
  const calls = quick ? 3000 : 20_000
  const server = startChild('echo.ts')
  const { url } = await server.hear(z.object({ url: z.string() }))
  const own: Measured[] = []
  const fetched: Measured[] = []
  for (let pair = 0; pair < pairs; pair += 1) {
    own.push(await once('own', url, calls))
    fetched.push(await once('fetch', url, calls))
    const words = [own.at(-1), fetched.at(-1)].map((each) =>
      each === undefined
        ? ''
        : `${round(each.ms / 1000)} s, ${round(each.cpuMs / 1000)} s of processor, ${Math.round(each.megabytes)} MB`,
    )
    say(`  pair ${pair + 1}: own ${words.join('; fetch ')}`)
  }
  await server.end()
  const mid = (all: readonly Measured[], what: keyof Measured): number => median(all.map((each) => each[what]))
  const ratioOf = (what: keyof Measured): number =>
    median(own.map((each, pair) => each[what] / (fetched[pair]?.[what] ?? Number.NaN)))
  return [
    figure({
      name: `memory of the HTTP client after ${calls} calls, against the built-in fetch`,
      value: mid(own, 'megabytes'),
      unit: 'MB',
      ratio: ratioOf('megabytes'),
      atMost: 1,
      detail: `fetch: ${Math.round(mid(fetched, 'megabytes'))} MB`,
    }),
    figure({
      name: `processor time of the HTTP client for ${calls} calls, against the built-in fetch`,
      value: mid(own, 'cpuMs') / 1000,
      unit: 's',
      ratio: ratioOf('cpuMs'),
      atMost: 1,
      detail: `fetch: ${round(mid(fetched, 'cpuMs') / 1000)} s`,
    }),
  ]
}

export const httpClients: Scenario = {
  name: 'http-client',
  about: 'the HTTP client against the built-in fetch: memory and processor time',
  measure,
}

/**
 * Loaded before everything else in a measured process (`--import`): Google's quotas are facts that no configuration
 * lifts, and what is measured here is the engine. The files that name them stay as they are, so that nothing has to be
 * compiled that Node has compiled before.
 */
import { connectors } from '../src/connectors/index.ts'

for (const name of ['google-chat', 'google-calendar']) {
  const connector = connectors.get(name)
  if (connector === undefined) throw new Error(`there is no connector ${name}`)
  const known = connector.limits.bind(connector)
  const limits = (config: unknown): object =>
    Object.fromEntries(
      Object.entries(known(config)).map(([bucket, limit]) => [bucket, { ...limit, requests: 1_000_000 }]),
    )
  Object.defineProperty(connector, 'limits', { value: limits })
}

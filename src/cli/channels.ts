/** `lockstep channels` */
import type { Channel } from '../store/verbs/channels.ts'
import { EXIT, UserError } from '../words/errors.ts'
import type { Shell } from './shell.ts'
import { plain } from '../words/text.ts'
import { table } from './table.ts'
import { ago, counted, duration } from '../words/numbers.ts'

export async function channelsList(shell: Shell): Promise<number> {
  const config = shell.config()
  const found = await shell.operate(config, false, (operations) => operations.channels())
  const now = shell.clock.now()
  shell.out.result(found, () => {
    if (found.length === 0)
      return config.connections.some(({ address }) => address !== null)
        ? 'No channel is open yet: "lockstep run" opens them.'
        : 'No system is asked to send webhooks: that takes `listen.public_url`, and a system that can be asked.'
    const rows = found.map((each) => [
      each.connection,
      each.scope === '' ? 'all of it' : plain(each.scope),
      stateOf(each, now),
      each.expiresAt === null ? '' : duration(Math.max(0, each.expiresAt - now)),
      ago(each.heardAt, now),
      each.id,
    ])
    const head = ['CONNECTION', 'ABOUT', 'STATE', 'ENDS IN', 'LAST HEARD', 'ID']
    return table(head, rows, { width: shell.out.width, elastic: 2 })
  })
  return EXIT.inStep
}

function stateOf({ state, failingSince, why }: Channel, now: number): string {
  if (failingSince !== null) return `${state}, failing since ${ago(failingSince, now)}: ${plain(why, 100)}`
  return state
}

export async function channelsRenew(shell: Shell, { connection }: { connection: string | null }): Promise<number> {
  const config = shell.config()
  if (connection !== null && !config.connections.some(({ id }) => id === connection))
    throw new UserError({
      code: 'unknown-connection',
      message: `There is no connection "${connection}".`,
      remedy: `Connections are: ${config.connections.map(({ id }) => id).join(', ')}`,
      exit: EXIT.configuration,
    })
  const report = await shell.operate(config, false, async (operations) => ({
    renewed: await operations.renewChannels({ connection }),
    running: (await operations.status()).running,
  }))
  const when = report.running ? 'now' : 'once "lockstep run" runs'
  shell.out.result(report, () => `${counted(report.renewed, 'channel')} will be renewed ${when}.`)
  return EXIT.inStep
}

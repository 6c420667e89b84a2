/** `lockstep run` */
import type { Shell } from './shell.ts'

export async function run(shell: Shell, { yes }: { yes: boolean }): Promise<number> {
  const config = shell.config()
  await shell.serve(config, {
    approve: yes,
    ready: (listeners) => shell.out.line({ is: 'ready', listeners }),
    event: (event) => shell.out.line(event),
  })
  return 0
}

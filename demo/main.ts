/** `npm run demo`: Lockstep keeps a local Google Chat and a local Discourse in step, and you watch. */
import { begin } from './command.ts'
import { once, watch } from './tour.ts'

await begin({
  help: `npm run demo                 two local systems, kept in step while people work; Ctrl-C ends it
npm run demo -- --once       a bounded run: first sync, about sixty actions, a verdict;
                             the exit code is 0 only if both systems agree
npm run demo -- --once --json   the last line on stdout is the summary as JSON`,
  async play(screen, { stays, signal }) {
    if (!stays) return await once(screen, signal)
    await watch(screen, signal)
    return null
  },
})

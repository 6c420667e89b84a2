/** What the team has said in Chat before the two systems meet. */
import { line, type Conversation, type Place } from './past.ts'

const engineering: readonly Conversation[] = [
  {
    daysAgo: 12,
    at: '08:55',
    lines: [
      line('mira', 'Deploy of 2.14 is out. Please watch the unlock errors for an hour.'),
      line('jonas', 'Watching. p99 went from 900 ms to 340 ms, nice.'),
      line('tomas', 'ok'),
      line('ana', 'ok'),
      line('mira', 'Rolled to all docks. Thanks everyone 🎉', { after: 55 }),
    ],
  },
  {
    daysAgo: 10,
    at: '10:20',
    lines: [
      line('ana', 'ok', { later: 'edited' }),
      line('jonas', 'What is this an answer to?'),
      line('ana', 'Sorry, wrong window. I meant: ok to merge the battery fix.'),
    ],
  },
  {
    daysAgo: 9,
    at: '14:02',
    lines: [
      line(
        'tomas',
        'The retry storm, shortest version that shows it:\n\n```\nfor (const dock of docks) {\n  retry(() => unlock(dock), { times: 50, every: 0 })\n}\n```\n\nFifty at once, no pause. *This* is what took the gateway down.',
      ),
      line('jonas', 'every: 0 😬'),
      line('mira', 'Backoff with jitter, please, and a cap. Who takes it?'),
      line('tomas', 'Me. Branch `retry-backoff`, today.'),
      line('yuki', 'テストは私が書きます。仮想時計を使いましょう。'),
    ],
  },
  {
    daysAgo: 6,
    at: '16:40',
    lines: [
      line('yuki', '電池の残量が 0% なのに「利用可能」と表示される件、再現できました。'),
      line('mira', 'Great find. Is it the cache or the device?'),
      line('yuki', 'The cache: it keeps the last good value for ever. スクリーンショットは明日。'),
      line('jonas', 'I was going to say something unkind about that cache.', { later: 'deleted' }),
      line('jonas', 'Entries get a lifetime of two minutes now, in review.'),
    ],
  },
  {
    daysAgo: 2,
    at: '09:00',
    lines: [
      line('mira', 'Stand-up: 1) dock firmware 2) map tiles 3) who is on call next week?', { later: 'edited' }),
      line('jonas', 'Firmware is at 60 % of the docks, no rollbacks.'),
      line('tomas', 'Map tiles: switched to vector, 40 % less data on mobile.'),
      line('ana', 'On call: me until Thursday, then Sam.'),
      line('sam', 'Which Sam? 🙂'),
      line('otherSam', 'The other one. I mean me.'),
    ],
  },
]

const support: readonly Conversation[] = [
  {
    daysAgo: 11,
    at: '11:11',
    lines: [
      line('sam', 'Customer in Porto: charged twice for one ride (R-88213). Anyone seen this before?'),
      line('otherSam', 'Yes, twice last week. Both had lost signal at the dock.'),
      line('sam', 'Refunded, and I opened a ticket for payments.'),
    ],
  },
  {
    daysAgo: 7,
    at: '13:30',
    lines: [
      line('otherSam', 'The help page still says helmets are free. They are not, since May.'),
      line('ana', 'Fixed, live in ten minutes.'),
      line('otherSam', 'Confirmed, thank you!', { after: 14 }),
    ],
  },
  {
    daysAgo: 3,
    at: '08:15',
    lines: [
      line('sam', 'Morning. Queue is at 41, mostly "bike will not lock in the rain".'),
      line('jonas', 'Sensor threshold is too low when wet. A fix is in 2.15.'),
      line('sam', 'I will tell them "this week", is that fair?'),
      line('jonas', 'Fair.'),
    ],
  },
]

const product: readonly Conversation[] = [
  {
    daysAgo: 13,
    at: '15:00',
    lines: [
      line('ana', 'Idea: show the walk to the next free dock *before* the ride ends.'),
      line('mira', 'Yes. Half of the complaints are about full docks.'),
      line('yuki', 'いいですね！ルート計算は既にあります。'),
    ],
  },
  {
    daysAgo: 5,
    at: '09:45',
    lines: [
      line(
        'ana',
        'Numbers of last week, long because somebody asked for all of them: 18,204 rides (+6 %), 3.1 rides per bike and day, median ride 11 min 40 s, 212 rides over two hours (mostly tourists along the river), 94.2 % of unlocks under one second, 37 bikes in repair, 5 stolen, 4 found again, one of them in the river; weather: two days of rain; refunds: 61, of which 44 for full docks, 9 for double charges, 8 for other reasons. Next week there is the marathon, so the centre is closed on Sunday and I expect a third less.',
      ),
      line('mira', 'One in the river again?'),
      line('ana', 'The same one as last time, actually.'),
    ],
  },
  {
    daysAgo: 1,
    at: '10:30',
    lines: [
      line('mira', 'Pricing test starts on Monday: 5 min free, then 0,15 €/min.'),
      line('sam', 'Will people see it in the app before they unlock?'),
      line('mira', 'Yes: "First 5 minutes free" over the button.'),
    ],
  },
]

const office: readonly Conversation[] = [
  {
    daysAgo: 8,
    at: '12:00',
    lines: [
      line('tomas', 'Lunch? Soup place at 12:30.'),
      line('yuki', 'ok'),
      line('ana', '+1'),
      line('jonas', 'Save me a seat, 5 minutes late.'),
    ],
  },
  {
    daysAgo: 4,
    at: '17:20',
    lines: [
      line('ana', 'The plant by the window is not dead, it is *resting*. Please keep watering it. 🌱'),
      line('tomas', 'It has been resting since March.'),
    ],
  },
]

const launch: readonly Conversation[] = [
  {
    daysAgo: 3,
    at: '09:05',
    lines: [
      line('mira', 'Launch of Braga: everything about that week goes here.'),
      line('ana', 'Posters are printed, 120 of them.'),
      line('tomas', '40 docks are online, 2 wait for power.'),
      line('jonas', 'Load test: 300 unlocks a second without errors.'),
    ],
  },
  {
    daysAgo: 2,
    at: '15:15',
    lines: [line('sam', 'Support hours for the launch: 07:00–23:00, all seven days.'), line('mira', '👍')],
  },
]

/** The last one has no category yet. */
export const SPACES: readonly Place[] = [
  { name: 'Engineering', conversations: engineering },
  { name: 'Support desk', conversations: support },
  { name: 'Product', conversations: product },
  { name: 'Office', conversations: office },
  { name: 'Launch week', conversations: launch },
]

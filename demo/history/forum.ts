/** What the community has written in the forum before the two systems meet. */
import { line, type Conversation, type Place } from './past.ts'

const engineering: readonly Conversation[] = [
  {
    daysAgo: 13,
    at: '19:30',
    title: 'How do the docks talk to the server?',
    lines: [
      line('kofi', 'I would like to write a small client for my thesis. Is the protocol documented somewhere?'),
      line('lena', 'Not publicly. It is MQTT over TLS, and each dock has a certificate of its own.'),
      line('kofi', 'That helps already. Is there a way to get test credentials for a simulated dock?'),
      line('lena', 'Write to us with the name of your university, and we will send you some.', { after: 600 }),
    ],
  },
  {
    daysAgo: 6,
    at: '20:05',
    title: 'Feature request: open data for ride counts',
    lines: [
      line(
        'ravi',
        'Many cities publish counts per station and hour. A nightly CSV would be enough:\n\n```csv\nstation,hour,rides\n017,2026-05-04T08:00Z,31\n```\n\n- no user data\n- one file a day\n- a licence that allows reuse',
      ),
      line('bruno', 'Seconded. I would make a map of it the same evening, promise.'),
      line('lena', 'We talked about it: **yes**, from next month on, at first without the hour.', { later: 'edited' }),
    ],
  },
]

const support: readonly Conversation[] = [
  {
    daysAgo: 10,
    at: '07:40',
    title: 'Bike does not lock at the river station',
    lines: [
      line('ines', 'Tried three times this morning, the light stays yellow. The ride kept running for 40 minutes.'),
      line('lena', 'Sorry about that! The ride is closed and refunded. We are looking at station 031.'),
      line('ines', 'Thank you, that was quick. It works again since yesterday evening.', { after: 1500 }),
      line('bruno', 'Same for me at station 033, but only when it rains.', { after: 90 }),
    ],
  },
  {
    daysAgo: 4,
    at: '21:10',
    title: 'Charged twice after losing signal',
    lines: [
      line('ravi', 'My ride ended at the dock, and the app started another one when the signal came back.'),
      line('kofi', 'Do not post receipts with your card number here, please remove them at once!', {
        later: 'deleted',
      }),
      line('ravi', 'Removed, thank you. The number of the ride is R-88240.'),
      line('lena', 'Found and refunded. The cause is known: it is fixed in version 2.15.'),
    ],
  },
]

const product: readonly Conversation[] = [
  {
    daysAgo: 9,
    at: '18:00',
    title: 'Child seats and cargo bikes: what would you use?',
    lines: [
      line('ines', 'A cargo bike near the market on Saturdays would replace my car for a whole day.'),
      line('bruno', 'Child seats, but only if they can be cleaned. Mine looks like a biscuit factory.'),
      line('kofi', '¿Y qué tal un remolque? A trailer fits both, and it stays at the station.'),
    ],
  },
]

const office: readonly Conversation[] = [
  {
    daysAgo: 7,
    at: '16:00',
    title: 'Community meetup in June: who comes?',
    lines: [
      line('lena', 'We meet on the last Friday of June at our workshop. There is cake, and a tour of the repair line.'),
      line('bruno', 'I am in, and I bring my daughter if that is fine with everybody.'),
      line('ravi', 'Count me in too. Is there a train after eleven in the evening?'),
    ],
  },
]

const fieldNotes: readonly Conversation[] = [
  {
    daysAgo: 5,
    at: '10:00',
    title: 'Station 031: moved by two metres',
    lines: [
      line('bruno', 'The city moved the station for the new crossing. The map in the app still shows the old place.'),
      line('lena', 'Thank you, corrected. The new position is live since noon.'),
    ],
  },
  {
    daysAgo: 2,
    at: '11:30',
    title: 'Photos of broken docks wanted',
    lines: [
      line('lena', 'If you see a broken dock, write its number here. A photo helps, but is not needed.'),
      line('ines', 'Number 12 at the station “Jardim do Morro”: the left lock hangs loose — já há uma semana.'),
    ],
  },
]

/** The last one has no space yet. */
export const CATEGORIES: readonly Place[] = [
  { name: 'Engineering', conversations: engineering },
  { name: 'Support desk', conversations: support },
  { name: 'Product', conversations: product },
  { name: 'Office', conversations: office },
  { name: 'Field notes', conversations: fieldNotes },
]

/** What happens while both systems are kept in step: short stories of which each shows one thing. */
import type { Play } from './play.ts'

export interface Story {
  readonly title: string
  readonly tell: (play: Play) => Promise<void>
}

async function shortWords(play: Play): Promise<void> {
  const ok = await play.write('ana', 'Engineering', 'ok')
  await ok.arrived
  await play.reply('tomas', ok, 'ok')
  await play.reply('tomas', ok, 'ok')
  const typo = await play.reply('ana', ok, 'ok = the gateway may be restartd')
  await typo.arrived
  await play.edit('ana', typo, 'ok = the gateway may be restarted')
}

async function oldThread(play: Play): Promise<void> {
  const old = await play.find('chat', 'Deploy of 2.14 is out. Please watch the unlock errors for an hour.')
  const late = await play.reply('jonas', old, 'Late to this: the errors were gone after twelve minutes.')
  const topic = await play.copyOf(late)
  await play.reply('kofi', topic, 'From the outside it looked fine as well, all evening long.')
}

async function bornInForum(play: Play): Promise<void> {
  const text = 'The app asks for my location although I have scanned the code. Is that needed?'
  const post = await play.topic('ines', 'Support desk', 'Why does the app ask for my location?', text)
  const thread = await play.copyOf(post)
  await play.reply('sam', thread, 'It is only for the map, you can say no.')
  await play.reply('ines', post, 'Good to know. Then please say so on the screen!')
  const edited = await play.edit('ines', post, `${text} (Version 2.14, Android.)`)
  await edited.arrived
  const answer = await play.reply('otherSam', thread, 'Good point, I pass it on to Anna.')
  await answer.arrived
  await play.edit('otherSam', answer, 'Good point, I pass it on to Ana.')
}

async function divergence(play: Play): Promise<void> {
  const mine = await play.write('mira', 'Product', 'Prices in the mock-up are wrong, do not share it.')
  const copy = await play.copyOf(mine)
  await play.alone(
    {
      do: 'edit',
      in: 'forum',
      who: 'lena',
      ref: copy.ref,
      text: '**Mira Okafor** in Google Chat:\n\n[removed by a moderator]',
    },
    'stays: in Chat only Mira may edit her words; Lockstep lists it',
    true,
  )
}

async function conflict(play: Play): Promise<void> {
  const mine = await play.write('jonas', 'Engineering', 'Firmware 3.2 goes out on Tuesday.')
  const copy = await play.copyOf(mine)
  const text = 'Firmware 3.2 goes out on Wednesday.'
  await play.together(
    [
      { do: 'edit', in: 'chat', who: 'jonas', ref: mine.ref, text },
      {
        do: 'edit',
        in: 'forum',
        who: 'lena',
        ref: copy.ref,
        text: '**Jonas Weber** in Google Chat:\n\nFirmware 3.2 goes out on Tuesday, at noon.',
      },
    ],
    [{ in: 'forum', text, change: 'more' }],
    'Jonas (Chat) and Lena (Discourse) edit the same message at once',
    'Chat wins, both values are kept: it stands',
  )
}

async function editAgainstDelete(play: Play): Promise<void> {
  const first = await play.write('tomas', 'Office', 'Who has the key of the bike cellar?')
  await first.arrived
  const mine = await play.reply('jonas', first, 'I have it.')
  const copy = await play.copyOf(mine)
  const text = 'I have it, and the spare one.'
  await play.together(
    [
      { do: 'edit', in: 'chat', who: 'jonas', ref: mine.ref, text },
      { do: 'remove', in: 'forum', who: 'lena', ref: copy.ref },
    ],
    [{ in: 'forum', text, change: 'more' }],
    'Jonas edits in Chat what Lena deletes in Discourse at that moment',
    'the edit survives: it is back',
  )
}

async function deletions(play: Play): Promise<void> {
  const head = await play.write('ana', 'Office', 'Cake in the kitchen! 🍰')
  await head.arrived
  const slip = await play.reply('jonas', head, 'All gone, and it was me, sorry.')
  await slip.arrived
  await play.remove('jonas', slip)
  const topic = await play.copyOf(head)
  const post = await play.reply('kofi', topic, 'I could smell it from across the street.')
  await post.arrived
  await play.remove('kofi', post)
  const spam = await play.topic(
    'bruno',
    'Product',
    'Cheap bike lights for everybody',
    'Buy my lights! They are the brightest ones.',
  )
  await spam.arrived
  const second = await play.reply('ravi', spam, 'This is not the place for advertising, Bruno.')
  await second.arrived
  await play.removeTopic('lena', spam, [spam.text, second.text])
}

async function formatting(play: Play): Promise<void> {
  const head = await play.write(
    'yuki',
    'Engineering',
    '新しい時計のテストが終わりました。\n全部緑です ✅ — naïve café, Ω ≈ 3',
  )
  await head.arrived
  const code = 'Here it is:\n\n```ts\nexport const wait = (n: number) => Math.min(60, 2 ** n)\n```'
  const block = await play.reply('tomas', head, code)
  await block.arrived
  await play.edit('tomas', block, code.replace('60', '120'))
  const long = Array.from({ length: 40 }, (_, index) => `dock ${index + 1}: ok`).join(', ')
  await play.reply('jonas', head, `All of them, in one line: ${long}.`)
  const topic = await play.copyOf(head)
  await play.reply('ravi', topic, '> 2 ** n\n\nWhy not a table?\n\n| n | s |\n|---|---|\n| 3 | 8 |')
}

async function newContainers(play: Play): Promise<void> {
  await play.invite('Field notes')
  const note = await play.write('ana', 'Field notes', 'Station 044 has no light at night. Ticket is open.')
  const topic = await play.copyOf(note)
  await play.reply('bruno', topic, 'I can confirm that, passed it yesterday at eleven.')
  const welcome = 'Will there be free rides on the first day? I live close to the river.'
  const post = await play.topic('ravi', 'Launch week', 'Free rides in Braga on the first day?', welcome)
  const thread = await play.copyOf(post)
  await play.reply('mira', thread, 'Yes, all day long.')
}

async function twoSams(play: Play): Promise<void> {
  const head = await play.write('ana', 'Support desk', 'Somebody has to call the customer from Porto back.')
  await head.arrived
  await play.reply('sam', head, 'on it')
  await play.reply('otherSam', head, 'on it')
  await play.reply('ana', head, 'One of you is enough.')
}

async function ownTitle(play: Play): Promise<void> {
  const head = await play.write('sam', 'Support desk', 'lock + rain = tickets')
  const copy = await play.copyOf(head)
  await play.alone(
    { do: 'retitle', in: 'forum', who: 'lena', topic: copy.parent, title: 'Bikes which do not lock in the rain' },
    'stays: a thread in Chat has no title',
    false,
  )
  await play.reply('jonas', head, 'Fixed by 2.15, rolling out now.')
}

async function chatter(play: Play): Promise<void> {
  const head = await play.write('mira', 'Product', 'What would you build with one free week?')
  const topic = await play.copyOf(head)
  const chat = [
    'Dark mode.',
    'A map of all bike thieves.',
    'Tests 🙃',
    'ダークモードに一票',
    'A bell that rings the bike.',
  ]
  const forum = [
    'A button that finds the nearest bakery.',
    'Statistics of my own rides, please.',
    'Shared rides: one person unlocks two bikes.',
    'An honest answer to “is it going to rain”.',
    'The same as Ana, but in orange and louder.',
  ]
  for (const [index, text] of chat.entries()) {
    await play.reply((['jonas', 'tomas', 'yuki', 'yuki', 'ana'] as const)[index] ?? 'ana', head, text)
    await play.reply((['ines', 'kofi', 'ravi', 'bruno', 'lena'] as const)[index] ?? 'lena', topic, forum[index] ?? '')
  }
}

const QUESTIONS = [
  'Coffee?',
  'Who has seen the torque wrench?',
  'Any news from the docks?',
  'Is it raining on your side?',
]
const ANSWERS = [
  'Here nothing new, all docks are green.',
  'I was about to ask the same, honestly.',
  'Yes, since this morning at least.',
]

let turns = 0

/** What people say when nothing else happens. */
export async function smallTalk(play: Play): Promise<void> {
  turns += 1
  const question = `${QUESTIONS[turns % QUESTIONS.length] ?? ''} (${turns})`
  const head = await play.write(turns % 2 === 0 ? 'jonas' : 'yuki', 'Office', question)
  const topic = await play.copyOf(head)
  const answer = `${ANSWERS[turns % ANSWERS.length] ?? ''} (${turns})`
  const said = await play.reply(turns % 2 === 0 ? 'ines' : 'ravi', topic, answer)
  await said.arrived
  await play.edit(turns % 2 === 0 ? 'ines' : 'ravi', said, `${answer} – and thank you.`)
  await play.settled()
}

export const STORIES: readonly Story[] = [
  { title: 'Short words: a thread that begins with "ok", and two equal answers', tell: shortWords },
  { title: 'A thread of twelve days ago gets a reply, from both sides', tell: oldThread },
  { title: 'A topic born in Discourse', tell: bornInForum },
  { title: 'What cannot travel: Chat lets nobody edit the words of another', tell: divergence },
  { title: 'Two people edit the same message at once', tell: conflict },
  { title: 'An edit against a deletion', tell: editAgainstDelete },
  { title: 'Deletions, both ways', tell: deletions },
  { title: 'Code, other scripts, long lines', tell: formatting },
  { title: 'A space and a category that Lockstep has made', tell: newContainers },
  { title: 'Two people of the same name', tell: twoSams },
  { title: 'A topic with a title of its own', tell: ownTitle },
  { title: 'Everybody at once', tell: chatter },
]

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { auth as googleAuth, chat as googleChat, type chat_v1 } from '@googleapis/chat'
import { createGoogleChat, type GoogleChat } from '../../src/emulators/google-chat/google-chat.ts'
import { realPorts, serve, type Served } from '../../src/emulators/serve.ts'
import { ANN, BOB, EVENTS } from './google-chat-world.ts'

let emulator: GoogleChat
let served: Served
let client: chat_v1.Chat

function oauth(refreshToken: string) {
  const made = new googleAuth.OAuth2({
    clientId: 'client-one',
    clientSecret: 'secret-one',
    redirectUri: 'http://127.0.0.1:1/back',
    endpoints: {
      oauth2TokenUrl: `${served.url}/token`,
      oauth2AuthBaseUrl: `${served.url}/o/oauth2/v2/auth`,
      oauth2RevokeUrl: `${served.url}/revoke`,
      tokenInfoUrl: `${served.url}/tokeninfo`,
    },
  })
  if (refreshToken !== '') made.setCredentials({ refresh_token: refreshToken })
  return made
}

before(async () => {
  emulator = createGoogleChat(realPorts(), {
    users: [
      { id: ANN, displayName: 'Ann Lee', email: 'ann@example.com' },
      { id: BOB, displayName: 'Bob Day', email: 'bob@example.com' },
    ],
    clients: [{ id: 'client-one', secret: 'secret-one' }],
    refreshTokens: [{ token: '1//ann', user: ANN, client: 'client-one' }],
    spaces: [{ id: 'TEAM', displayName: 'Team', members: [BOB], managers: [ANN] }],
  })
  served = await serve(emulator)
  client = googleChat({ version: 'v1', rootUrl: `${served.url}/`, auth: oauth('1//ann') })
})

after(() => served.close())

test('the official client lists spaces with a refreshed token', async () => {
  const { data } = await client.spaces.list({ filter: 'space_type = "SPACE"' })
  assert.deepEqual(
    data.spaces?.map((space) => space.displayName),
    ['Team'],
  )
  const members = await client.spaces.members.list({ parent: 'spaces/TEAM' })
  assert.equal(members.data.memberships?.length, 2)
})

test('the official client creates, replies, patches, deletes and sees the tombstone', async () => {
  const parent = 'spaces/TEAM'
  const head = await client.spaces.messages.create({ parent, requestBody: { text: '*head*' } })
  assert.equal(head.data.text, 'head')
  const reply = await client.spaces.messages.create({
    parent,
    messageReplyOption: 'REPLY_MESSAGE_OR_FAIL',
    messageId: 'client-reply',
    requestId: 'request-1',
    requestBody: { text: 'reply', thread: { name: head.data.thread?.name ?? '' } },
  })
  assert.equal(reply.data.threadReply, true)
  const name = `${parent}/messages/client-reply`
  const patched = await client.spaces.messages.patch({ name, updateMask: 'text', requestBody: { text: 'better' } })
  assert.equal(patched.data.name, reply.data.name)
  assert.equal((await client.spaces.messages.get({ name })).data.text, 'better')
  await client.spaces.messages.delete({ name })
  const live = await client.spaces.messages.list({ parent })
  assert.equal(live.data.messages?.length, 1)
  const all = await client.spaces.messages.list({ parent, showDeleted: true, orderBy: 'create_time desc' })
  assert.equal(all.data.messages?.[0]?.deletionMetadata?.deletionType, 'CREATOR_VIA_APP')
  const events = await client.spaces.spaceEvents.list({ parent, filter: EVENTS })
  assert.equal(events.data.spaceEvents?.length, 4)
  assert.deepEqual(events.data.spaceEvents?.[1]?.messageCreatedEventData?.message, {})
})

test('the official client sets up spaces and direct messages', async () => {
  const made = await client.spaces.setup({
    requestBody: {
      space: { spaceType: 'DIRECT_MESSAGE' },
      memberships: [{ member: { name: 'users/bob@example.com', type: 'HUMAN' } }],
    },
  })
  const found = await client.spaces.findDirectMessage({ name: `users/${BOB}` })
  assert.equal(found.data.name, made.data.name)
  const space = await client.spaces.create({ requestBody: { spaceType: 'SPACE', displayName: 'New' } })
  const name = space.data.name ?? ''
  const renamed = await client.spaces.patch({ name, updateMask: 'displayName', requestBody: { displayName: 'Newer' } })
  assert.equal(renamed.data.displayName, 'Newer')
  await client.spaces.delete({ name })
  await assert.rejects(client.spaces.get({ name }), { status: 404 })
})

test("the official client understands refusals in Google's shape", async () => {
  await assert.rejects(client.spaces.messages.create({ parent: 'spaces/TEAM', requestBody: { text: '' } }), {
    status: 400,
    message: 'Message cannot be empty.',
  })
})

test("Google's auth library goes through consent, asks about its token and revokes it", async () => {
  const library = oauth('')
  const url = library.generateAuthUrl({
    scope: ['https://www.googleapis.com/auth/chat.messages'],
    access_type: 'offline',
    prompt: 'consent',
  })
  const response = await fetch(url, { redirect: 'manual' })
  const code = new URL(response.headers.get('location') ?? '').searchParams.get('code') ?? ''
  const { tokens } = await library.getToken(code)
  assert.ok(tokens.refresh_token)
  const info = await library.getTokenInfo(tokens.access_token ?? '')
  assert.equal(info.sub, ANN)
  await library.revokeToken(tokens.refresh_token ?? '')
  library.setCredentials({ refresh_token: tokens.refresh_token ?? '' })
  await assert.rejects(library.getAccessToken(), /invalid_grant/)
})

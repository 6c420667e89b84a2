/** The people of the demo: who they are in Chat, in the forum, or in both. */

export interface Actor {
  readonly name: string
  /** The digits of `users/{id}`. */
  readonly chat?: string
  readonly forum?: string
  /** Staff of the forum: may edit and delete what others wrote there. */
  readonly moderator?: boolean
}

/** Two people are called Sam Patel, and stay two. */
export const CAST = {
  mira: { name: 'Mira Okafor', chat: '101' },
  jonas: { name: 'Jonas Weber', chat: '102' },
  ana: { name: 'Ana Sousa', chat: '103' },
  tomas: { name: 'Tomáš Řehoř', chat: '104' },
  yuki: { name: '田中 雪', chat: '105' },
  sam: { name: 'Sam Patel', chat: '106' },
  otherSam: { name: 'Sam Patel', chat: '107' },
  ines: { name: 'Inês Duarte', forum: 'ines' },
  kofi: { name: 'Kofi Mensah', forum: 'kofi' },
  ravi: { name: 'Ravi Nair', forum: 'ravi' },
  bruno: { name: 'Bruno Costa', forum: 'bruno' },
  lena: { name: 'Lena Fischer', forum: 'lena', moderator: true },
} as const satisfies Readonly<Record<string, Actor>>

export type Who = keyof typeof CAST

/** Whom Lockstep writes as. */
export const ENGINE = { chat: '100', chatName: 'Lockstep', forum: 'lockstep' } as const

export function actorOf(who: Who): Actor {
  return CAST[who]
}

export function isWho(text: string): text is Who {
  return Object.hasOwn(CAST, text)
}

/** What can go wrong with the store as a whole. A verb's own refusal is not one of these. */

/** Per code: what happened and what a person can do about it. */
const explanations = {
  'store-full': {
    cause: 'The disk that holds the store is full.',
    remedy: 'Free some space, or move the store to a larger disk, and start again. Nothing was half-written.',
  },
  'store-corrupt': {
    cause: 'The store is damaged, or is not a SQLite database.',
    remedy:
      'Keep the damaged file, check the disk, and put the newest backup in its place: "lockstep restore <file>", with what "lockstep backup" wrote or a <store>.backup-… beside it.',
  },
  'store-newer': {
    cause: 'The store was written by a newer release than this program.',
    remedy: 'Run that release or a later one, or put back the backup that was made before the upgrade.',
  },
  'store-changed': {
    cause: 'The store was built by other migrations than this program has.',
    remedy: 'Run the release that this store belongs to; a migration that has run anywhere must never be edited.',
  },
  'store-foreign': {
    cause: 'What `store` names is of some other program.',
    remedy:
      'Name another file for the store, or a path where there is no file yet; of PostgreSQL, another schema (?schema=…).',
  },
  'store-migration': {
    cause: 'A migration failed; the store is as it was before.',
    remedy: 'Run the previous release, and report this error together with its message.',
  },
  'store-locked': {
    cause: 'Another program is writing to the store.',
    remedy:
      'End whatever else has the store open for writing (a sqlite3 or psql shell in a transaction, a backup tool).',
  },
  'store-denied': {
    cause: 'The store cannot be opened or written.',
    remedy:
      'A file: check that its folder exists and that this user may read and write both. A PostgreSQL database: check its name, the user and the password in `store`, and that the user may create a schema there (GRANT CREATE ON DATABASE … TO …).',
  },
  'store-unreachable': {
    cause: 'The database server of the store cannot be reached.',
    remedy: 'Check `store` in the configuration, that the server runs, and that this machine may connect to it.',
  },
  'store-unfit': {
    cause: 'The database server cannot hold a store.',
    remedy: 'Use PostgreSQL 13 or later, and a database with the encoding UTF8.',
  },
  'store-owned': {
    cause: 'Another process owns the store.',
    remedy: 'Stop the other process, or use another store.',
  },
  'store-absent': {
    cause: 'There is no store yet.',
    remedy: 'It is made by the first sync; check `store` in the configuration.',
  },
  'store-failed': {
    cause: 'The store could not run a transaction; nothing of it was written.',
    remedy: 'Read the message of the database; check the disk. The work is tried again after a restart.',
  },
  'store-lost': {
    cause: 'The store ended in the middle of its work; whether its last transaction was written is not known.',
    remedy: 'Start again: what was written is found there, and what was not is done again.',
  },
  'store-closed': {
    cause: 'The store is closed.',
    remedy: 'Nothing: the program was ending.',
  },
  'lock-unusable': {
    cause: 'The lock file beside the store is not one that this program made.',
    remedy: 'While nothing else is running on this store, delete the file whose name ends in .lock, and start again.',
  },
  'wrong-key': {
    cause: 'The secrets in the store were sealed with another key than the one given.',
    remedy:
      'Give the key that this store was sealed with. After "lockstep keys rotate" that of an older backup lies beside the present one, as <key file>.old-…: name it in `sealing: { key_file: … }`.',
  },
  tampered: {
    cause: 'A sealed secret was changed, or was moved from another place.',
    remedy: 'Connect the account again, and find out who else can write to the store.',
  },
  'key-missing': {
    cause: 'There is no key to open the secrets in the store with.',
    remedy: 'Put the key file back, or give the key by environment or command.',
  },
  'key-malformed': {
    cause: 'What was given as key is not 32 bytes as hex or base64.',
    remedy: 'A key is 64 hex digits, or 32 bytes in base64: openssl rand -hex 32 makes one.',
  },
  'key-exposed': {
    cause: 'Others than its owner can read the key file.',
    remedy: 'chmod 600 the key file; if others could really have read it, change the key.',
  },
  'key-unreadable': {
    cause: 'The key could not be read.',
    remedy: 'Check the file and who may read it, or run the key command by hand.',
  },
} as const

export type StoreErrorCode = keyof typeof explanations

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  /** What a person can do about it. */
  readonly remedy: string

  /** `detail` follows the human cause in the message; it never holds a secret. */
  constructor(code: StoreErrorCode, detail?: string, cause?: unknown) {
    const what = explanations[code].cause
    super(detail === undefined ? what : `${what} (${detail})`, cause === undefined ? undefined : { cause })
    this.code = code
    this.remedy = explanations[code].remedy
  }
}

export function isStoreErrorCode(code: string): code is StoreErrorCode {
  return Object.hasOwn(explanations, code)
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The code that Node and SQLite put on their errors; undefined where there is none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Why an answer will not do; null: it will. */

export function noAddress(answer: string): string | null {
  return /^https?:\/\/[^/\s]+/.test(answer) ? null : 'an address begins with https://'
}

export function noDatabase(answer: string): string | null {
  return /^(postgres(ql)?:\/\/.+|sqlite:.+)$/.test(answer) ? null : 'it begins with postgres:// or sqlite:'
}

/** A text as YAML holds it on one line: without quotes where it needs none. */
export function quote(text: string): string {
  return /^[a-zA-Z_][\w./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : JSON.stringify(text)
}

/** Which scopes flows read. */

/**
 * Whether some flow reads a scope, as a condition over expressions of SQL. By the scopes of either side, which are indexed:
 * of instances there may be as many as accounts.
 */
export function isReadIn(connection: string, scope: string): string {
  return `EXISTS (SELECT 1 FROM instance n JOIN link l ON l.id = n.link
    WHERE (n.a_scope = ${scope} AND l.a_connection = ${connection}) OR (n.b_scope = ${scope} AND l.b_connection = ${connection}))`
}

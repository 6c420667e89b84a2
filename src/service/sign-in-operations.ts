/** The operations by which people sign in and out. */
import type { Context } from './context.ts'
import type { Operations } from './operations.ts'
import type { SignIns } from './signing-in.ts'
import { signOut } from './signing-out.ts'

type SignInOperations = Pick<Operations, 'beginSignIn' | 'finishSignIn' | 'waitForSignIn' | 'endSignIn' | 'signOut'>

/** `reconnect` is called once somebody has signed out. */
export function signInOperations(
  context: Context,
  signIns: SignIns,
  reconnect: (connection: string) => void,
): SignInOperations {
  return {
    beginSignIn: (input) => signIns.begin(input),
    finishSignIn: ({ id, answer }) => signIns.finish(id, new URLSearchParams(answer)),
    waitForSignIn: ({ id }) => signIns.wait(id),
    endSignIn({ id }) {
      signIns.end(id)
      return Promise.resolve(null)
    },
    async signOut(input) {
      const done = await signOut(context, input)
      reconnect(input.connection)
      return done
    },
  }
}

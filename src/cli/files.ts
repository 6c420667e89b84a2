/** The file system, as far as commands need it: what goes wrong there is told with what to do. */
import { messageOf } from '../store/errors.ts'
import { cannotRead, cannotWrite } from '../words/errors.ts'
import type { Files } from './shell.ts'

export function toldOf({ read, write }: Files): Files {
  return {
    read(path) {
      try {
        return read(path)
      } catch (error) {
        throw cannotRead(path, messageOf(error))
      }
    },
    write(path, text) {
      try {
        write(path, text)
      } catch (error) {
        throw cannotWrite(path, messageOf(error))
      }
    },
  }
}

import { TaskError } from '../helper/task.js';
import { returnValueText } from './return-values.js';

/** What a module did wrong, as the part of a sentence that follows "the module …". */
export class ModuleError extends TaskError {
  override readonly name = 'ModuleError';
  /** CK_RV; null if it isn't that a function failed. */
  readonly returnValue: number | null;

  constructor(message: string, returnValue: number | null = null) {
    super(message);
    this.returnValue = returnValue;
  }

  static ofFunction(name: string, returnValue: number): ModuleError {
    return new ModuleError(`failed in ${name} (${returnValueText(returnValue)})`, returnValue);
  }
}

/** What both ways of the demo work on. */
export interface DemoSetUp {
  readonly modulePath: string;
  readonly engineScript: string;
  readonly readerName: string;
  /** The file that stands for the card in the reader: writing it inserts the card. */
  readonly cardSlot: string;
  readonly cardImage: string;
  readonly pin: string;
  /** A temporary folder in place of `%APPDATA%\Microsoft`. */
  readonly storePath: string;
}

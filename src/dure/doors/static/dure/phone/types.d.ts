/** A text in the call's language, or one for each language. */
export type Text = string | Record<string, string>;

/** A text as it is shown, and the language it is in. */
export interface Words {
  text: string;
  language: string;
}

export interface Option {
  value: string;
  label: Text;
}

export interface Question {
  type: "choice" | "multi" | "number" | "text" | "pair" | "rank" | "box";
  text: Text;
  options?: Option[];
  min?: number | null;
  max?: number | null;
  step?: number | null;
  unit?: Text;
  predict?: boolean;
}

export type Side = Text | { image: string };

export interface Content {
  text?: Text;
  image?: string;
  audio?: string;
  video?: string;
  left?: Side;
  right?: Side;
  items?: Text[];
}

/** A task on loan; `until` is the server's time. */
export interface Task {
  id: number;
  content: Content;
  until: string;
}

export interface Call {
  slug: string;
  title: Text;
  language: string;
  state: string;
  visibility: string;
  question: Question;
}

/** Our own words in one language; those that count have a form for one and one for more. */
export type Dictionary = Record<string, string | [string, string]>;

/** Without a task here: one is on its way, others hold the last ones, or there are no more for us. */
export type Outlook = "coming" | "held" | "done";

/** What the server put into the page. */
export interface Page {
  call: Call;
  task: Task | null;
  /** Whether to ask for more. */
  more: boolean;
  /** How long a lease lasts. */
  leaseMs: number;
  language: string;
  words: Record<string, Dictionary>;
  /** What is promised, in a few words in each language; empty if nothing is paid. */
  promise: Record<string, string>;
  answered: number;
  keepAfter: number;
  token: string;
  /** Differs each time the server makes the page. */
  render: string;
}

export type Say = (name: string, values?: Record<string, string | number>) => string;

/** What a type of question is given to draw itself with. */
export interface Stage {
  place: HTMLElement;
  question: Question;
  content: Content;
  /** The language of texts that do not say theirs. */
  own: string;
  say: Say;
  read: (text: Text) => Words;
  /** What was given or begun before: after an undo, or in the other language. */
  draft: unknown;
  /** Remember what was begun, in case the page is drawn again. */
  note: (draft: unknown) => void;
  give: (value: unknown) => void;
}

/** What a type of question does with keys that nothing else wanted; true if it was one of its. */
export type Keys = (event: KeyboardEvent) => boolean;

/** An answer that waits on the phone. */
export interface Waiting {
  id: string;
  call: string;
  token: string;
  task: number;
  value: unknown;
  prediction: unknown;
  ms: number;
  place: number;
  /** Whether it was on its way once: then the server may have it. */
  tried: boolean;
}

export interface Undo {
  answer: string;
  call: string;
  token: string;
}

export interface Reply {
  status: number;
  body: Record<string, unknown>;
  retryAfter: number | null;
}

export type Post = (path: string, body: object, token: string | null) => Promise<Reply>;

// The flow of a call's page: show a task, keep the answer, show the next, send in the background.
// Until this runs, and where it can't, the page is a form that the server answers.

import { clonePart, isTyping, pickWords, speak } from "./drawing.js";
import { makeHolding } from "./holding.js";
import { makeLeaving } from "./leaving.js";
import { makeLoans } from "./loans.js";
import { post } from "./network.js";
import { makeNews } from "./news.js";
import { makeOver } from "./over.js";
import { listenForLanguage, recallToken, watch } from "./presence.js";
import { backOff, keepAnswer, makeId, readWaiting, send, takeBack } from "./queue.js";
import { makeStatus } from "./status.js";
import { isFirstShowing, openStore, STORES } from "./store.js";
import { drawTask, fillTask as fillAnswers } from "./task.js";

/** @typedef {import("./types.js").Task} Task */
/** @typedef {import("./types.js").Keys} Keys */
/** @typedef {import("./types.js").Stage} Stage */

const DOUBLE_TAP_MS = 300;

const root = /** @type {HTMLElement} */ (document.querySelector(".phone"));
/** @type {import("./types.js").Page} */
const page = JSON.parse(root.dataset.page ?? "null");
const { call } = page;
const person = { token: page.token };
let language = page.language;
let say = speak(page.words[language]);
/** @type {unknown} */
let draft;
/** @type {{ value: unknown } | null} */
let said = null;
let shownAt = 0;
let tries = 0;
let isSending = false;
let isKeeping = false;
/** @type {{ answer: string, task: Task, value: unknown, token: string } | null} */
let undoable = null;
/** @type {Map<number, unknown>} */
const mine = new Map();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let retryTimer;
/** @type {Keys} */
let keys = () => false;
/** @type {(stage: Stage) => Keys} */
let drawType;
/** @type {typeof import("./predict.js")} */
let predict;
/** @type {IDBDatabase} */
let db;
/** @type {ReturnType<typeof makeLoans>} */
let loans;
/** @type {ReturnType<typeof makeStatus>} */
let status;
const news = makeNews({
  ask: (tasks) => post("/collect/news", { call: call.slug, tasks }, person.token).catch(() => null),
  tell: (told) => status.showNews(/** @type {any} */ (told), mine),
});
const leaving = makeLeaving(call.slug);
const holding = makeHolding({
  leaseMs: page.leaseMs,
  renew,
  back: () => loans.current || fill(),
});
const over = makeOver({ look: fill, isThere: holding.isThere });
const tabs = "BroadcastChannel" in globalThis ? new BroadcastChannel(`dure ${call.slug}`) : null;

// Network.

/** Send what waits; when the network is away, again later and later. A thumb's tries don't count. */
async function sendAll({ isAgain = false } = {}) {
  if (isSending) return;
  isSending = true;
  clearTimeout(retryTimer);
  const lease = call.state === "open" ? loans.wanted : 0;
  const turn = await send({ db, post, call: call.slug, lease });
  isSending = false;
  const waiting = await readWaiting(db);
  tries = turn.waitMs === null ? 0 : Math.max(1, tries + Number(isAgain));
  leaving.settle(turn);
  status.showWaiting(waiting.length, tries > 0, turn.isBusy);
  status.showFates(turn);
  if (turn.next) await adopt(turn.next, lease);
  for (const { task } of turn.refused) await forgetTask(task);
  if (turn.waitMs !== null) {
    const wait = Math.max(turn.waitMs, backOff(tries));
    retryTimer = setTimeout(() => sendAll({ isAgain: true }), wait);
  } else if (waiting.length) {
    sendAll();
  } else {
    news.arrived();
  }
}

/** True if the server has said what there is. */
async function fill() {
  if (call.state !== "open") return false;
  const reply = await loans.fetch();
  if (reply?.status === 200) await adopt(reply.body);
  // Paused or closed: the server's page says so, and shows what came of it.
  else if (reply?.status === 409) location.reload();
  else if (!loans.current) over.lookLater(loans.outlook);
  return reply?.status === 200;
}

/**
 * @param {Record<string, any>} reply
 * @param {number} [asked] how many tasks were asked for along with answers
 */
async function adopt(reply, asked) {
  const { current: before, outlook } = loans;
  const isOurs = await loans.adopt(reply, asked);
  // A task that somebody is in the middle of stays: its answer is kept in any case.
  if (loans.current !== before || isOurs || isBegun()) return;
  const focused = root.querySelector(".over")?.contains(document.activeElement);
  // Nothing new: whoever is at the button stays there.
  if (!loans.next() && !before && loans.outlook === outlook) return over.lookLater(outlook);
  showNext({ isQuiet: !focused });
  if (loans.current && outlook === "held") status.say(say("came_free"));
  const heading = root.querySelector(".over h1");
  if (heading && !focused) status.tell(heading.textContent ?? "");
}

async function renew() {
  if (!(await loans.renew())) await fill();
}

/** @param {{ isQuiet?: boolean }} [options] quiet: without moving the focus */
function showNext({ isQuiet = false } = {}) {
  draft = undefined;
  said = null;
  showTask();
  if (!isQuiet) focusTask();
}

function showTask() {
  const { current } = loans;
  if (current) over.rest();
  const old = root.querySelector(".task, .over");
  const next = current ? drawTask(call.question, current, { say, read }) : drawOver();
  if (old) old.replaceWith(next);
  else root.querySelector(".status")?.after(next);
  if (current) fillTask(next, current);
  shownAt = performance.now();
  root.dataset.task = String(current?.id ?? "");
}

/**
 * @param {HTMLElement} article
 * @param {Task} task
 */
function fillTask(article, task) {
  const value = said?.value ?? null;
  const stage = {
    question: call.question,
    content: task.content,
    own: call.language,
    say,
    read,
    draft,
    note: (/** @type {unknown} */ begun) => {
      draft = begun;
    },
    give: (/** @type {unknown} */ answer) => give(task, answer),
  };
  const draw = said ? drawGuess(article, task) : drawType;
  keys = fillAnswers(article, stage, draw, () => keep(task, value, null));
  article.addEventListener("keydown", pressKey);
  article.addEventListener("click", ignoreDoubleTap, { capture: true });
}

/**
 * After one's own answer: what will the others say?
 * @param {HTMLElement} article
 * @param {Task} task
 * @returns {(stage: Stage) => Keys}
 */
function drawGuess(article, task) {
  return (stage) => {
    const value = said?.value ?? null;
    const heading = /** @type {HTMLElement} */ (article.querySelector(".question"));
    heading.textContent = predict.drawPrediction(stage, value, (guess) => keep(task, value, guess));
    heading.lang = language;
    return () => false;
  };
}

function drawOver() {
  const outlook = call.state === "open" ? loans.outlook : "done";
  over.lookLater(outlook);
  return over.draw(root, outlook, { say, language, again: fill });
}

/** @param {import("./types.js").Text} text */
function read(text) {
  return pickWords(text, language, call.language);
}

function focusTask() {
  const heading = root.querySelector(".task .question, .over h1");
  if (heading instanceof HTMLElement) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
  scrollTo({ top: 0 });
}

// Events.

/**
 * @param {Task} task
 * @param {unknown} value
 */
function give(task, value) {
  if (task !== loans.current || isKeeping) return;
  if (!call.question.predict) return void keep(task, value, null);
  said = { value };
  showTask();
  focusTask();
}

/**
 * Stored first; then the next task shows, and sending goes on behind it.
 * @param {Task} task
 * @param {unknown} value null is "not sure"
 * @param {unknown} prediction
 */
async function keep(task, value, prediction) {
  if (task !== loans.current || isKeeping) return;
  isKeeping = true;
  const answer = {
    id: makeId(),
    call: call.slug,
    token: person.token,
    task: task.id,
    value,
    prediction,
    ms: Math.round(performance.now() - shownAt),
    place: Date.now(),
  };
  leaving.hold(answer);
  try {
    await keepAnswer(db, answer);
  } catch {
    leaving.drop(answer.id);
    status.say(say("phone_full"));
    return;
  } finally {
    isKeeping = false;
  }
  mine.set(task.id, value);
  news.want(task.id);
  undoable = { answer: answer.id, task, value, token: answer.token };
  tabs?.postMessage({ answered: task.id });
  loans.finish(task.id);
  loans.next();
  status.countUp(value === null ? "skipped" : "answered");
  showNext();
  status.showUndo(undo);
  sendAll();
}

async function undo() {
  if (!undoable) return;
  const { answer, task, value, token } = undoable;
  undoable = null;
  leaving.drop(answer);
  mine.delete(task.id);
  news.forget(task.id);
  await loans.reopen(task);
  said = null;
  // Typed words and boxes come back to be mended; a tap is simply tapped again.
  draft = typeof value === "number" ? String(value) : (value ?? undefined);
  showTask();
  focusTask();
  status.countDown();
  await takeBack(db, { answer, call: call.slug, token });
  sendAll();
}

/** @param {number} id of a task that turned out to be answered already */
async function forgetTask(id) {
  await loans.drop(id);
  if (loans.current?.id !== id) return;
  loans.next();
  showNext({ isQuiet: true });
}

function isBegun() {
  return (
    said !== null || (Array.isArray(draft) || typeof draft === "string" ? draft.length > 0 : false)
  );
}

/** @param {KeyboardEvent} event */
function pressKey(event) {
  const { current } = loans;
  if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || !current) return;
  if (event.key === "0") keep(current, said ? said.value : null, null);
  else if (event.key === "u") undo();
  else if (!keys(event)) return;
  event.preventDefault();
}

/**
 * The second half of a double tap lands on the next question, and is not meant for it.
 * @param {MouseEvent} event
 */
function ignoreDoubleTap(event) {
  if (event.detail < 2 || performance.now() - shownAt > DOUBLE_TAP_MS) return;
  event.preventDefault();
  event.stopPropagation();
}

/**
 * @param {string} wanted
 * @returns {{ language: string, name: string }} the one before
 */
function switchLanguage(wanted) {
  const before = { language, name: String(page.words[language].language_name) };
  language = wanted;
  say = speak(page.words[language]);
  document.documentElement.lang = language;
  document.title = `${read(call.title).text} · Dure`;
  for (const old of root.querySelectorAll(".about"))
    old.replaceWith(clonePart(root, "about", language));
  status.switchTo(say, page.promise[language]);
  showTask();
  return before;
}

function listen() {
  listenForLanguage(switchLanguage);
  tabs?.addEventListener("message", ({ data }) => {
    if (data.answered) forgetTask(data.answered);
    else holding.askSoon();
  });
  watch({ back: comeBack, leave });
  holding.watch(document);
}

function leave() {
  loans.giveBack(leaving.send());
  tabs?.postMessage({ isLeft: true });
}

async function comeBack() {
  tries = 0;
  sendAll();
  await loans.renew();
  // A network that is there again is nobody who is.
  if (holding.isThere()) fill();
}

async function rememberPerson() {
  const token = await recallToken(db, { slug: call.slug, token: page.token });
  if (token === person.token) return;
  person.token = token;
  loans.forget();
}

/** In a frame on another's page a browser may keep nothing for us: then this page alone does. */
async function openMemory() {
  const { openMemory } = await import("./memory.js");
  addEventListener("beforeunload", (event) => {
    if (tries > 0) event.preventDefault();
  });
  return openMemory(STORES);
}

async function start() {
  const isFramed = root.classList.contains("framed");
  db = await openStore().catch((error) => (isFramed ? openMemory() : Promise.reject(error)));
  const type = await import(`./${call.question.type}.js`);
  drawType = type.draw;
  if (call.question.predict) predict = await import("./predict.js");
  const { answered, keepAfter } = page;
  status = makeStatus(root, { say, promise: page.promise[language], answered, keepAfter });
  loans = makeLoans({ db, slug: call.slug, person });
  // Without a cookie the server takes each visit for somebody else's: ask first who this is.
  if (isFramed) await rememberPerson();
  const isKnown = person.token !== page.token;
  const isOld = isKnown || !(await isFirstShowing(db, page.render));
  await loans.begin(page, isOld);
  if (call.state === "open") loans.next();
  if (call.state === "open") showNext({ isQuiet: true });
  listen();
  root.dataset.ready = "true";
  if (!isFramed) await rememberPerson();
  await sendAll();
  await fill();
  news.begin();
}

start();

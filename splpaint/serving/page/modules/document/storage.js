/**
 * The work, kept on this device only, in IndexedDB: a reload, a crash or a closed tab loses nothing.
 *
 * Entries never change, so each is written once, under a number of its own; the record "work" says which of them hold.
 */

import { History } from "./history.js";

const DATABASE = "splpaint";

/** @returns {Promise<History | null>} What was kept, if anything. */
export async function readWork() {
  const database = await open();
  const work = await answer(database.transaction("work").objectStore("work").get("work"));
  if (!work) return null;
  const store = database.transaction("entries").objectStore("entries");
  const entries = await Promise.all(work.numbers.map((number) => answer(store.get(number))));
  if (entries.includes(undefined)) return null;
  entries.forEach((entry, index) => numbers.set(entry, work.numbers[index]));
  return new History(work.photo, entries, work.place);
}

/** Keep the work as it is now; calls are carried out one after the other. */
export function keepWork(history) {
  const { photo, entries, place } = history;
  return inTurn(async () => {
    const transaction = (await open()).transaction(["work", "entries"], "readwrite");
    const store = transaction.objectStore("entries");
    const kept = [];
    for (const entry of entries) kept.push(numbers.get(entry) ?? (await answer(store.add(entry))));
    for (const number of await answer(store.getAllKeys())) if (!kept.includes(number)) store.delete(number);
    transaction.objectStore("work").put({ photo, numbers: kept, place }, "work");
    await done(transaction);
    entries.forEach((entry, index) => numbers.set(entry, kept[index]));
  });
}

export function forgetWork() {
  return inTurn(async () => {
    const transaction = (await open()).transaction(["work", "entries"], "readwrite");
    transaction.objectStore("work").clear();
    transaction.objectStore("entries").clear();
    await done(transaction);
  });
}

/** Entry => its number in the database. */
const numbers = new WeakMap();

let opened;
let turn = Promise.resolve();

function inTurn(task) {
  const result = turn.then(task);
  turn = result.catch(() => {});
  return result;
}

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("work");
      request.result.createObjectStore("entries", { autoIncrement: true });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function done(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

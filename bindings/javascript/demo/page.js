// The page: forms, status and the list of messages.

import { Pool, claimsOf, registerPasskey, signIn, signOut } from './sign_in.js';

const $ = (id) => document.getElementById(id);
const [form, codeForm, signedIn, log, spoken] = ['sign-in', 'code-form', 'signed-in', 'log', 'spoken'].map($);

// As `pool.toml` has them.
const pool = new Pool({ endpoint: '/pool', poolId: 'us-east-1_DemoPool', clientId: 'democlient' }, note);

let began;
let tokens;
let isBusy = false;
/** Answers the question for a code. */
let answerCode;

const STARTED_AGAIN = new Error('started again');

/** Does one thing at a time, and shows why it failed. */
async function work(name, focus, action) {
  if (isBusy) return;
  isBusy = true;
  say(`${name} …`);
  try {
    say(await action(), 'good');
  } catch (error) {
    // The browser's own words for a passkey that was refused or not found are long, and name the wrong reasons too.
    const isPasskey = error instanceof DOMException;
    say(error === STARTED_AGAIN ? '' : isPasskey ? `${error.name}: the browser gave no passkey` : `${error.name}: ${error.message}`, 'bad');
    show(tokens ? signedIn : form);
    focus().focus();
  } finally {
    isBusy = false;
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const { username, way } = form.elements;
  const focus = () => (way.value === 'PASSWORD' ? $('password') : $('username'));
  work('Signing in', focus, async () => {
    const password = new TextEncoder().encode($('password').value);
    $('password').value = '';
    clear();
    try {
      tokens = await signIn(pool, { username: username.value, way: way.value, password }, askCode);
    } finally {
      password.fill(0);
    }
    const claims = claimsOf(tokens.AccessToken);
    $('who').textContent = claims.username;
    $('until').textContent = new Date(claims.exp * 1000).toLocaleTimeString();
    show(signedIn);
    $('register').focus();
    return `${claims.username} is signed in.`;
  });
});

/** The password is asked for where it is needed. */
form.addEventListener('change', () => {
  const isNeeded = form.elements.way.value === 'PASSWORD';
  $('password-part').hidden = !isNeeded;
  $('password').disabled = !isNeeded;
});

function askCode({ destination, problem }) {
  $('code-label').textContent = destination ? `Code that went to ${destination}` : 'Code of the authenticator app';
  say(problem ? `${problem.name}: ${problem.message}` : 'The pool wants a code.', problem ? 'bad' : '');
  $('code').value = '';
  show(codeForm);
  $('code').focus();
  return new Promise((resolve, reject) => { answerCode = { resolve, reject }; });
}

codeForm.addEventListener('submit', (event) => {
  event.preventDefault();
  answerCode.resolve($('code').value.trim());
});
$('start-again').addEventListener('click', () => answerCode.reject(STARTED_AGAIN));

$('register').addEventListener('click', () => work('Registering a passkey', () => $('register'), async () => {
  await registerPasskey(pool, tokens.AccessToken);
  return 'The passkey is registered. Sign out, and sign in by it.';
}));

$('sign-out').addEventListener('click', () => work('Signing out', () => $('sign-out'), async () => {
  await signOut(pool, tokens);
  tokens = undefined;
  show(form);
  $('username').focus();
  return 'Signed out.';
}));

if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  form.querySelector('[value=WEB_AUTHN]').disabled = true;
  $('register').disabled = true;
}

function show(part) {
  for (const each of [form, codeForm, signedIn]) each.hidden = each !== part;
}

function say(text, kind = '') {
  $('status').textContent = text;
  $('status').className = kind;
}

/** Begins a list, whose times count from here. */
function clear() {
  began = performance.now();
  log.replaceChildren();
  spoken.replaceChildren();
  $('empty').hidden = true;
  log.hidden = false;
}

const DIRECTIONS = { sent: ['→', 'to the pool'], received: ['←', 'from the pool'], here: ['•', 'in the browser'] };

/** Adds an entry to the list. */
function note({ direction, name, members = {}, ms, refusal }) {
  const [arrow, words] = DIRECTIONS[direction];
  const at = `${(performance.now() - began).toFixed(1)} ms`;
  const took = ms === undefined ? '' : `took ${ms.toFixed(1)} ms`;
  const head = element('p', { className: 'head' },
    element('span', { className: 'arrow', ariaHidden: 'true' }, arrow),
    element('strong', {}, name),
    element('span', { className: 'direction' }, words),
    element('span', { className: 'took' }, took),
    element('span', { className: 'at' }, `at ${at}`));
  const pairs = [...flat(members)].map(([path, text]) => element('div', {}, element('dt', {}, ...breakable(path)), element('dd', {}, text)));
  log.append(element('li', { className: refusal ? 'refused' : direction }, head, ...(pairs.length ? [element('dl', {}, ...pairs)] : [])));
  log.scrollTop = log.scrollHeight;
  spoken.append(element('p', {}, `${name} ${words} ${took}`));
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** A path that may go on in the next line after a point or a `_`. */
const breakable = (path) => path.split(/(?<=[._])/).flatMap((word) => [element('wbr', {}), word]);

/** The members of a message with their paths. The credentials of passkeys are JSON in a text. */
function* flat(value, path = '') {
  if (value === undefined) return;
  const parsed = typeof value === 'string' && /CREDENTIAL(_REQUEST_OPTIONS)?$/.test(path) ? JSON.parse(value) : value;
  if (parsed === null || typeof parsed !== 'object') return yield [path, shortened(path, String(parsed))];
  for (const [name, member] of Object.entries(parsed)) yield* flat(member, path ? `${path}.${name}` : name);
}

/** Every proof, token and session is longer than a name or a time, and every code is in a member that says so. */
function shortened(path, text) {
  if (/_CODE$/.test(path)) return '•'.repeat(text.length);
  return text.length > 40 ? `${text.slice(0, 10)}… (${text.length} characters)` : text;
}

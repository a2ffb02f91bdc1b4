// Steps: one step of a case: request and reply side by side, its stream, what was expected of it.

function requestPane(step) {
  const sent = step.sent || [];
  if (step.said) {
    const routes = sent.map((request) => h('p', { class: 'route' }, h('b', {}, request.method), ' ', request.path));
    return faces('Conversation', [['Read', () => [routes, step.said.map((item) => message(item, []))]], ['JSON', () => json(step.said)]]);
  }
  if (!sent.length) return faces('Request', [['Read', () => h('p', { class: 'quiet' }, 'What was sent was not kept.')]]);
  const one = (request) => [
    h('p', { class: 'route' }, h('b', {}, request.method), ' ', request.path, (request.query || []).map(([name, value], place) => `${place ? '&' : '?'}${name}=${value}`)),
    request.left && h('p', { class: 'quiet' }, `${counted(request.left, 'request')} before this one left out`),
  ];
  if (sent.length === 1) {
    return faces('Request', [['Read', () => [one(sent[0]), readable(sent[0])]], ['JSON', () => [one(sent[0]), json(sent[0].body ?? sent[0].form ?? null)]],
      ['Headers', sent[0].headers && (() => json(sent[0].headers))]]);
  }
  const at = (place, make) => () => [one(sent[place]), make(sent[place])];
  const numbered = sent.map((request, place) => [String(place === sent.length - 1 ? place + 1 + (request.left || 0) : place + 1), at(place, readable)]);
  const last = sent.length - 1;
  return faces('Requests', [...numbered, ['JSON', at(last, (request) => json(request.body ?? request.form ?? null))]], last);
}

function toolCalls(tools) {
  return tools.map((tool) => h('div', { class: `tool ${tool.failed ? 'bad' : ''}` },
    call(tool.name, tool.arguments),
    tool.output !== null && tool.output !== undefined
      ? h('div', { class: 'result' }, h('span', { class: 'quiet' }, tool.failed ? 'failed: ' : '→ '), h('code', {}, tool.output))
      : h('div', { class: 'result quiet' }, 'not run')));
}

const files = (list) => h('ul', { class: 'files' }, list.map((file) => h('li', {},
  file.kind && shownMedia(file.kind, file.media, file.href, file.path),
  h('span', { class: 'file' }, file.href ? h('a', { href: file.href }, file.path) : file.path, h('span', { class: 'quiet' }, ` ${bytes(file.size)}`)))));

function replyRead(step) {
  const answer = step.answer || {};
  const texts = answer.texts?.length > 1 ? answer.texts : [answer.text];
  const shown = [
    answer.tools && toolCalls(answer.tools),
    texts.map((text, place) => text && [texts.length > 1 && h('h5', {}, `choice ${place + 1}`), words(text, 'answer')]),
    answer.refusal && h('div', { class: 'note missed' }, h('b', {}, 'refused: '), answer.refusal),
    answer.citations && h('ol', { class: 'citations' }, answer.citations.map(([title, url]) => h('li', {}, title, ' ', h('span', { class: 'address' }, url)))),
    step.files && files(step.files),
  ];
  if (shown.flat(Infinity).some(Boolean)) return shown;
  return answer.json !== undefined ? json(answer.json) : h('p', { class: 'quiet' }, step.answer ? 'An empty reply.' : 'No reply was read.');
}

function replyPane(step) {
  const answer = step.answer || {};
  return faces('Reply', [['Read', () => replyRead(step)], ['JSON', answer.json !== undefined && (() => json(answer.json))],
    ['Headers', answer.headers && (() => json(answer.headers))]]);
}

const place = (check) => check.at && h('span', { class: 'at' }, `${check.at[0]}:${check.at[1]}:${check.at[2]}`);

const missedCheck = (check) => h('article', { class: 'fault missed' },
  h('h4', {}, sign('missed'), check.name, place(check)),
  explained(check.message),
  check.note && h('p', { class: 'judged' }, check.note),
  check.line && h('pre', { class: 'source' }, h('span', { class: 'number' }, `${check.at[1]} `), check.line));

const failure = (step) => h('article', { class: 'fault failed' },
  h('h4', {}, sign('failed'), step.error.type, step.error.status && h('span', { class: 'at' }, `status ${step.error.status}`), step.error.code && h('span', { class: 'at' }, step.error.code)),
  h('pre', { class: 'message' }, step.error.message),
  step.error.hint && h('p', { class: 'hint' }, h('b', {}, 'hint '), step.error.hint));

function checkList(checks) {
  const held = checks.filter((check) => check.passed).length;
  return h('details', { class: 'checks' },
    h('summary', {}, `${held} of ${checks.length} expectations hold`),
    h('ul', {}, checks.map((check) => h('li', {}, sign(check.passed ? 'passed' : 'missed'), h('span', {}, check.name, check.note && h('span', { class: 'judged' }, check.note)), place(check)))));
}

function origin(step) {
  const answer = step.answer || {};
  const usage = Object.entries(answer.usage || {}).filter(([, value]) => typeof value === 'number').map(([name, value]) => `${name.replaceAll('_', ' ')} ${whole(value)}`);
  const rows = [['model', answer.model], ['fingerprint', answer.fingerprint], ['request id', answer.id], ['status', answer.status],
    ['finish reason', answer.finish], ['latency', answer.latency && seconds(answer.latency)], ['first text', answer.ttft && seconds(answer.ttft)],
    ['rounds', answer.rounds], ['requests', answer.requests], ['attempts', answer.attempts], ['cost', answer.cost === undefined ? null : money(answer.cost)], ['usage', usage.join(' · ')],
    ['judged by', step.judging?.model], ['judging cost', step.judging?.cost && money(step.judging.cost)]];
  const told = rows.filter(([, value]) => value);
  return told.length ? h('details', { class: 'origin' }, h('summary', {}, 'Where it came from'),
    h('dl', {}, told.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))))) : null;
}

function stepOf(step, alone) {
  const missed = (step.checks || []).filter((check) => !check.passed);
  const empty = !step.answer && !step.sent && !step.said && !step.files;
  return h('section', { class: 'step' },
    !alone && h('h3', {}, sign(step.state), step.name, step.final && h('span', { class: 'tag' }, 'finally')),
    step.error && failure(step), missed.map(missedCheck),
    !empty && h('div', { class: 'sides' }, h('div', { class: 'card' }, requestPane(step)), h('div', { class: 'card' }, replyPane(step))),
    step.beats && h('div', { class: 'card' }, h('div', { class: 'panehead' }, h('h4', {}, 'Stream')), beats(step.beats)),
    step.checks && checkList(step.checks), origin(step));
}

// Store: the data of the page. Rows are read at once, a case only when it is opened.

const read = (id) => {
  const element = byId(id);
  return element && JSON.parse(element.textContent);
};

const meta = read('meta');

const COLUMNS = ['name', 'recipe', 'state', 'models', 'tags', 'took', 'latency', 'ttft', 'cost', 'input', 'output',
  'requests', 'cell', 'rowId', 'repeat', 'problem', 'excerpt', 'place', 'media', 'told'];

const runs = read('rows').map((columns, index) => {
  const run = { index };
  COLUMNS.forEach((name, place) => { run[name] = columns[place]; });
  run.recipe = meta.recipes[run.recipe];
  run.models = run.models.map((place) => meta.models[place]);
  run.tags = run.tags.map((place) => meta.tags[place]);
  run.tokens = run.input === null ? null : run.input + run.output;
  return run;
});

const places = new Map(runs.map((run) => [run.name, run.index]));

// The run that a change since the baseline is about: the first of its repeats that did not pass.
function runOf(change) {
  const same = runs.filter((run) => (run.repeat ? run.repeat[0] : run.name) === change.case);
  const near = same.filter((run) => run.recipe === change.recipe);
  const there = near.length ? near : same;
  return there.find((run) => run.state !== 'passed') || there[0];
}

const nameless = (path) => path.split('/').pop().replace(/\.recipe\.ya?ml$|\.ya?ml$/, '');

// The name of a run in two parts: what all runs of a recipe share, and what is its own.
function named(run) {
  const start = run.name.search(/[[#]/);
  if (start <= 0) return [run.name, ''];
  const own = run.cell ? Object.values(run.cell).join(' · ') : run.rowId || run.name.slice(start).replace(/^\[(.*)\]$/, '$1');
  return [run.name.slice(0, start), run.repeat ? `${own.replace(/#\d+$/, '')} #${run.repeat[1]}`.trim() : own];
}

const haystack = (run) => {
  run.hay ??= [run.name, run.recipe, run.state, ...run.models, ...run.tags, run.rowId, run.problem, run.excerpt]
    .join('\n').toLowerCase();
  return run.hay;
};

const isWhole = () => document.readyState !== 'loading';

const media = (number) => {
  const element = byId(`media-${number}`);
  return element ? JSON.parse(element.textContent) : null;
};

const wanted = { states: new Set(), recipes: new Set(), models: new Set(), tags: new Set(), cause: '', text: '', sort: 'order' };

const ORDERS = {
  order: ['as run', (a, b) => a.place - b.place || a.index - b.index],
  state: ['worst first', (a, b) => GRAVITY[a.state] - GRAVITY[b.state] || a.index - b.index],
  latency: ['slowest first', (a, b) => (b.latency ?? -1) - (a.latency ?? -1)],
  cost: ['dearest first', (a, b) => (b.cost ?? -1) - (a.cost ?? -1)],
  tokens: ['most tokens first', (a, b) => (b.tokens ?? -1) - (a.tokens ?? -1)],
};

// Why a run did not pass, less its numbers and quoted values: what runs that failed alike share.
const cause = (run) => {
  run.cause ??= run.state === 'passed' || run.tolerated ? '' : run.state + run.problem.replace(/'[^']*'|"[^"]*"|[\d.,]+/g, '…').slice(0, 120);
  return run.cause;
};

// Repeats are judged together: of a case that passed, runs that missed are tolerated.
for (const same of grouped(runs.filter((run) => run.repeat), (run) => `${run.recipe}\n${run.repeat[0]}`).values()) {
  const passes = judged(same) === 'passed';
  for (const run of same) run.tolerated = passes && run.state === 'missed';
}

const unit = runs.some((run) => run.repeat) ? 'run' : 'case';

// What the runs of a case or a cell came to.
function judged(same) {
  const states = same.map((run) => run.state);
  if (states.includes('failed')) return 'failed';
  const [, , passes, repeats] = same[0].repeat || [];
  const allowed = passes ? repeats - passes : 0;
  return states.filter((state) => state === 'missed').length > allowed ? 'missed' : 'passed';
}

const overlaps = (chosen, values) => !chosen.size || values.some((value) => chosen.has(value));

function matches(run, without) {
  return (without === 'states' || overlaps(wanted.states, [run.state]))
    && (without === 'recipes' || overlaps(wanted.recipes, [run.recipe]))
    && (without === 'models' || overlaps(wanted.models, run.models))
    && (without === 'tags' || overlaps(wanted.tags, run.tags))
    && (!wanted.cause || cause(run) === wanted.cause)
    && wanted.text.toLowerCase().split(/\s+/).every((word) => !word || haystack(run).includes(word));
}

let chosen = runs;

function choose() {
  chosen = runs.filter((run) => matches(run)).sort(ORDERS[wanted.sort][1]);
  return chosen;
}

function grouped(items, key) {
  const groups = new Map();
  for (const item of items) {
    const name = key(item);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(item);
  }
  return groups;
}

// Checks dashboards against Grafana's own types (@grafana/schema): node check.mjs FOLDER DASHBOARD.json…
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const [folder, ...files] = process.argv.slice(2);
const sources = join(folder, 'dashboards');
mkdirSync(sources, { recursive: true });

const PANELS = { stat: [], timeseries: ['FieldConfig'], bargauge: [], table: ['FieldConfig'] };
// JSON has the values of enums as text
const HEAD = `type Json<T> = T extends string ? \`\${T}\` : T extends (infer U)[] ? Json<U>[] : T extends object ? { [K in keyof T]: Json<T[K]> } : T;
import type { Dashboard } from '@grafana/schema';
${Object.keys(PANELS).map((type) => `import type * as ${type} from '../node_modules/@grafana/schema/dist/types/raw/composable/${type}/panelcfg/x/types.gen';`).join('\n')}
`;
let panels = 0;
for (const file of files) {
  const dashboard = JSON.parse(readFileSync(file));
  let source = HEAD + `export const dashboard: Json<Dashboard> = ${JSON.stringify(dashboard, null, 1)};\n`;
  for (const panel of dashboard.panels.filter((each) => each.type !== 'row')) {
    if (!PANELS[panel.type]) throw new Error(`${file}: no schema for a panel of type ${panel.type}`);
    const name = `panel${panel.id}`;
    source += `export const ${name}: Json<${panel.type}.Options> = ${JSON.stringify(panel.options)};\n`;
    if (PANELS[panel.type].length) {
      source += `export const ${name}Fields: Json<${panel.type}.FieldConfig> = ${JSON.stringify(panel.fieldConfig.defaults.custom)};\n`;
    }
    panels++;
  }
  writeFileSync(join(sources, basename(file, '.json') + '.ts'), source);
}
if (!panels) throw new Error('no panels');
try {
  execFileSync(join(folder, 'node_modules/.bin/tsc'),
    ['--noEmit', '--strict', '--skipLibCheck', '--moduleResolution', 'bundler', '--module', 'esnext',
      ...files.map((file) => join(sources, basename(file, '.json') + '.ts'))], { stdio: 'inherit' });
} catch {
  console.log('a dashboard does not pass the schema');
  process.exit(1);
}
console.log(`${files.length} dashboards, ${panels} panels pass Grafana's schema`);

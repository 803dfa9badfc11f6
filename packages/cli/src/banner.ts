/** What `sigec up` shows when it is ready: where everything is, and what to type next. */
import pc from 'picocolors';

export interface BannerFacts {
  readonly host: string;
  readonly httpPort: number;
  readonly ocppPort: number;
  readonly database: string;
  readonly bus: string;
  readonly cache: string;
  readonly adminEmail: string;
  /** Only where it was made at this start. */
  readonly adminPassword: string | undefined;
  readonly demoToken: string | undefined;
  readonly acceptsUnknown: boolean;
}

/** An address that a browser on this machine can open. */
const shown = (host: string) => (host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host);

export function banner(facts: BannerFacts): string {
  const http = `http://${shown(facts.host)}:${facts.httpPort}`;
  const ocpp = `ws://${shown(facts.host)}:${facts.ocppPort}/ocpp`;
  const rows: [string, string][] = [
    ['API', `${http}/api/v1`],
    ['Docs', `${http}/docs`],
    ['OCPP', `${ocpp}/<identity>  ${pc.dim('(1.6, 2.0.1, 2.1)')}`],
    ['Saúde · health', `${http}/health/ready   ${http}/metrics`],
    ['Dados · data', `${facts.database}, ${facts.bus}, ${facts.cache}`],
    ['Admin', facts.adminEmail],
  ];
  if (facts.adminPassword !== undefined)
    rows.push(['Senha · password', `${pc.bold(pc.yellow(facts.adminPassword))}  ${pc.dim('(só agora · shown once)')}`]);
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = [
    '',
    `  ${pc.bold(pc.green('SIGEC-VE'))} ${pc.dim('pronto · ready')}`,
    '',
    ...rows.map(([name, value]) => `  ${pc.cyan(name.padEnd(width))}  ${value}`),
  ];
  if (facts.acceptsUnknown && facts.demoToken !== undefined) {
    lines.push(
      '',
      `  ${pc.dim('Conecte uma estação simulada, em outro terminal · connect a simulated charger, in another terminal:')}`,
      `  npm run -s sigec -- station --url ${ocpp} --id CP1 --version 2.0.1 --token ${facts.demoToken} --scenario session --speed 60`,
    );
  }
  return `${lines.join('\n')}\n`;
}

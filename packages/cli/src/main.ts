/** The command line of sigec. Each command is loaded when it is asked for. */
import type { Role } from '@sigec/runtime';
import { Command, InvalidArgumentError } from 'commander';

const ROLES: readonly Role[] = ['up', 'edge', 'worker', 'control', 'migrate'];

function role(value: string): Role {
  const found = ROLES.find((name) => name === value);
  if (found === undefined) throw new InvalidArgumentError(`one of ${ROLES.join(', ')}`);
  return found;
}

function positive(value: string): number {
  const number = Number(value);
  if (!(number > 0)) throw new InvalidArgumentError('a number above 0');
  return number;
}

function count(value: string): number {
  const number = positive(value);
  if (!Number.isInteger(number) || number > 64) throw new InvalidArgumentError('a whole number from 1 to 64');
  return number;
}

export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('sigec')
    .description('SIGEC-VE: plataforma de recarga de veículos elétricos · electric-vehicle charging platform')
    .showHelpAfterError();
  program
    .command('up')
    .description('todos os papéis em um processo · every role in one process, embedded defaults')
    .action(async () => (await import('./roles/up.js')).up({}));
  program
    .command('edge')
    .description('conexões dos carregadores · charger connections')
    .option('--processes <n>', 'processos que dividem a porta · processes that share the port', count, 1)
    .action(async ({ processes }: { processes: number }) => {
      if (processes > 1) await (await import('./roles/processes.js')).edges(processes);
      else await (await import('./roles/single.js')).edge({});
    });
  program
    .command('worker')
    .description('trata as mensagens · handles the messages')
    .action(async () => (await import('./roles/single.js')).worker({}));
  program
    .command('control')
    .description('API REST · REST API')
    .action(async () => (await import('./roles/single.js')).control({}));
  program
    .command('migrate')
    .description('atualiza o esquema do banco · brings the database schema up to date')
    .action(async () => (await import('./roles/single.js')).migrate({}));
  program
    .command('tenant')
    .description('abre mais uma rede, com seu administrador · opens another network, with its administrator')
    .argument('<name>', 'nome da rede · name of the network')
    .requiredOption('--admin-email <email>', 'e-mail do administrador · e-mail address of the administrator')
    .action(async (name: string, { adminEmail }: { adminEmail: string }) =>
      (await import('./roles/single.js')).tenant({}, name, adminEmail),
    );
  program
    .command('config')
    .description('mostra a configuração em vigor · prints the configuration that holds, secrets masked')
    .option('--role <role>', ROLES.join(', '), role, 'up' as Role)
    .action(async (options: { role: Role }) => (await import('./roles/config.js')).showConfig(options.role));
  program
    .command('station')
    .description('um carregador simulado · a simulated charger')
    .option('--url <url>', 'endereço do CSMS, sem a identidade · CSMS endpoint', 'ws://127.0.0.1:9000/ocpp')
    .option('--id <identity>', 'identidade da estação · station identity', 'SIM-0001')
    .option('--version <version>', 'versão OCPP · OCPP version: 1.6, 2.0.1, 2.1', '1.6')
    .option('--password <password>', 'senha · HTTP Basic password (or SIGEC_STATION_PASSWORD)')
    .option('--token <token>', 'token do motorista · idToken', 'SIGEC-DEMO')
    .option('--evses <n>', 'número de EVSEs', positive, 1)
    .option('--variables <n>', 'ao menos tantas variáveis · at least so many variables', positive)
    .option('--power <watts>', 'potência por EVSE · power of each EVSE, W', positive, 50_000)
    .option('--battery <wh>', 'bateria do carro · battery of the car, Wh', positive, 60_000)
    .option('--meter-start <wh>', 'medidor no início · meter at the start, Wh', positive, 1_000)
    .option('--speed <factor>', 'segundos simulados por segundo · simulated seconds per second', positive, 1)
    .option('--meter-interval <s>', 'segundos simulados entre medições · simulated s between samples', positive, 60)
    .option('--scenario <name|file>', 'idle, session, remote, ou arquivo · or a file', 'session')
    .action(async (flags) => (await import('./roles/station.js')).station(flags));
  await program.parseAsync(argv);
}

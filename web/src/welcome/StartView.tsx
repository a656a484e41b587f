// SPDX-License-Identifier: Apache-2.0
//
// Ways to send the first data point, with this server's own address.
import { curlHeaders } from '../api/curl';
import { status } from '../pulse/pulse';
import { hrefOf, route } from '../route/route';
import { chosenTenant, tenant, token } from '../session/session';
import { CopyButton } from '../ui/CopyButton';

interface Way {
    title: string;
    text: string;
    command: string;
}

export function StartView() {
    const asked = route.value.view === 'start';
    return (
        <section class="start" aria-label="Send the first data point">
            <h1>{asked ? 'Send data' : 'No data yet'}</h1>
            <p>
                No schema is needed: the first data point creates the entity and its
                attributes.{' '}
                {asked ? (
                    <a href={hrefOf('entities')}>Go to entities</a>
                ) : (
                    'It appears here as soon as it is stored.'
                )}
            </p>
            {ways().map((way) => (
                <article key={way.title}>
                    <header>
                        <h2>{way.title}</h2>
                        <span class="faint">{way.text}</span>
                        <CopyButton label="Copy" text={() => way.command} />
                    </header>
                    <pre tabIndex={0}>{way.command}</pre>
                </article>
            ))}
        </section>
    );
}

function ways(): Way[] {
    const psql = status.value?.psql;
    return psql ? [curl(), telegraf(), sql(psql)] : [curl(), telegraf()];
}

function curl(): Way {
    return {
        title: 'curl',
        text: 'one observation, as JSON',
        command: [
            `curl -sS ${location.origin}/v1/telemetry \\`,
            ...[...curlHeaders(), `-H 'Content-Type: application/json'`].map(
                (header) => `  ${header} \\`,
            ),
            `  -d '{"entity": "pump-7", "type": "pump",`,
            `       "attributes": {"status": "online", "pressure": 4.2}}'`,
        ].join('\n'),
    };
}

function telegraf(): Way {
    const name = chosenTenant();
    return {
        title: 'Telegraf',
        text: 'in telegraf.conf; any InfluxDB client works the same way',
        command: [
            '[[outputs.influxdb]]',
            `  urls = ["${location.origin}"]`,
            '  database = "atlas"',
            '  skip_database_creation = true',
            ...(token.value === '' ? [] : ['  username = "atlas"', '  password = "$ATLAS_TOKEN"']),
            ...(name === ''
                ? []
                : [`  http_headers = {"X-Atlas-Tenant" = ${JSON.stringify(name)}}`]),
        ].join('\n'),
    };
}

// Only the server knows where its database is and whether it can be reached from a shell.
function sql(psql: string): Way {
    return {
        title: 'psql',
        text: 'directly into the database',
        command: [
            `${psql} <<'SQL'`,
            'INSERT INTO entities (tenant_id, entity_type, external_id)',
            `SELECT tenant_id, 'pump', 'pump-8' FROM tenants`,
            `WHERE tenant_name = '${(tenant.value || 'default').replaceAll("'", "''")}'`,
            'RETURNING tenant_id, entity_id \\gset',
            `SELECT upsert_hot_attrs(:tenant_id, :entity_id, '{"status": "online"}');`,
            'SQL',
        ].join('\n'),
    };
}

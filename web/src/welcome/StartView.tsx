// SPDX-License-Identifier: Apache-2.0
//
// Nothing there yet: three ways to send the first data point, with this server's own address.
import { hrefOf, route } from '../route/route';
import { tenant, token } from '../session/session';
import { CopyButton } from '../shell/CopyButton';

interface Way {
    title: string;
    text: string;
    command: string;
}

export function StartView() {
    const asked = route.value.view === 'start';
    return (
        <section class="start" aria-label="Send the first data point">
            <h1>{asked ? 'Send data' : 'Nothing there yet'}</h1>
            <p>
                Entities and attributes need no declaration: their first data point makes them.{' '}
                {asked ? (
                    <a href={hrefOf('entities')}>To the entities</a>
                ) : (
                    'This page shows it as soon as it is there.'
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
    const origin = location.origin;
    return [
        {
            title: 'curl',
            text: 'one observation, as JSON',
            command: [
                `curl -sS ${origin}/v1/telemetry \\`,
                ...headers(),
                `  --json '{"entity": "pump-7", "type": "pump",`,
                `           "attributes": {"status": "online", "pressure": 4.2}}'`,
            ].join('\n'),
        },
        {
            title: 'Telegraf',
            text: 'in telegraf.conf; any InfluxDB client works the same way',
            command: [
                '[[outputs.influxdb]]',
                `  urls = ["${origin}"]`,
                '  database = "atlas"',
                '  skip_database_creation = true',
                ...(token.value === ''
                    ? []
                    : ['  username = "atlas"', '  password = "$ATLAS_TOKEN"']),
            ].join('\n'),
        },
        {
            title: 'psql',
            text: 'straight into the database of atlas up',
            command: [
                `psql "$(atlas dsn)" <<'SQL'`,
                'INSERT INTO entities (tenant_id, entity_type, external_id)',
                `SELECT tenant_id, 'pump', 'pump-8' FROM tenants`,
                `WHERE tenant_name = '${tenant.value || 'default'}'`,
                'RETURNING tenant_id, entity_id \\gset',
                `SELECT upsert_hot_attrs(:tenant_id, :entity_id, '{"status": "online"}');`,
                'SQL',
            ].join('\n'),
        },
    ];

    function headers(): string[] {
        const lines: string[] = [];
        if (tenant.value !== '') lines.push(`  -H 'X-Atlas-Tenant: ${tenant.value}' \\`);
        if (token.value !== '') lines.push('  -H "Authorization: Bearer $ATLAS_TOKEN" \\');
        return lines;
    }
}

// SPDX-License-Identifier: Apache-2.0
package atlas;

import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.embedded.Connect;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Reads the backlog of a slot with Debezium's embedded engine, without a converter, until it has
 * seen ROWS rows of `observations`, and prints one line of JSON.
 *
 * <p>Usage: Follow HOST PORT DATABASE USER SLOT ROWS
 */
public final class Follow {
    private Follow() {}

    public static void main(String[] args) throws Exception {
        final long wanted = Long.parseLong(args[5]);
        final Properties properties = new Properties();
        properties.setProperty("name", "bench");
        properties.setProperty("connector.class",
                "io.debezium.connector.postgresql.PostgresConnector");
        properties.setProperty("offset.storage",
                "org.apache.kafka.connect.storage.MemoryOffsetBackingStore");
        properties.setProperty("topic.prefix", "postgres");
        properties.setProperty("database.hostname", args[0]);
        properties.setProperty("database.port", args[1]);
        properties.setProperty("database.dbname", args[2]);
        properties.setProperty("database.user", args[3]);
        properties.setProperty("database.password", System.getenv().getOrDefault("PGPASSWORD", ""));
        properties.setProperty("plugin.name", "pgoutput");
        properties.setProperty("slot.name", args[4]);
        properties.setProperty("publication.name", "eav_cdc");
        properties.setProperty("publication.autocreate.mode", "disabled");
        properties.setProperty("snapshot.mode", "no_data");
        // Room for large batches: the defaults are made for small memory.
        properties.setProperty("max.batch.size", "16384");
        properties.setProperty("max.queue.size", "65536");

        final AtomicLong rows = new AtomicLong();
        final long[] first = {0};
        final Object done = new Object();
        final DebeziumEngine<ChangeEvent<SourceRecord, SourceRecord>> engine =
                DebeziumEngine.create(Connect.class)
                        .using(properties)
                        .notifying((records, committer) -> {
                            if (first[0] == 0) {
                                first[0] = System.nanoTime();
                            }
                            long here = 0;
                            for (final ChangeEvent<SourceRecord, SourceRecord> event : records) {
                                if (event.value().topic().endsWith(".observations")) {
                                    ++here;
                                }
                                committer.markProcessed(event);
                            }
                            committer.markBatchFinished();
                            if (rows.addAndGet(here) >= wanted) {
                                synchronized (done) {
                                    done.notifyAll();
                                }
                            }
                        })
                        .using((success, message, error) -> {
                            if (!success) {
                                System.err.println("Debezium: " + message);
                                if (error != null) {
                                    error.printStackTrace();
                                }
                                System.exit(1);
                            }
                        })
                        .build();
        final ExecutorService executor = Executors.newSingleThreadExecutor();
        executor.execute(engine);
        synchronized (done) {
            while (rows.get() < wanted) {
                done.wait();
            }
        }
        final double seconds = (System.nanoTime() - first[0]) / 1e9;
        final double cpu = ProcessHandle.current().info().totalCpuDuration()
                .map(time -> time.toNanos() / 1e9).orElse(0.0);
        System.out.printf(java.util.Locale.ROOT,
                "{\"rows\": %d, \"seconds\": %.3f, \"cpu_seconds\": %.3f}%n",
                rows.get(), seconds, cpu);
        System.exit(0);
    }
}

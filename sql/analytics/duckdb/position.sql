-- SPDX-License-Identifier: Apache-2.0
--
-- Result      one row: batch, timeline, lsn, committed_at in Unix microseconds
-- Caller      src/analytics/duckdb/writer.cc
SELECT batch, timeline, lsn, epoch_us(committed_at) FROM store.position;

-- SPDX-License-Identifier: Apache-2.0
--
-- The primary's clock, and the end of its log on disk at that moment: every commit that was
-- acknowledged before is before it.
--
-- Result  one row: clock timestamptz, flushed pg_lsn
-- Caller  src/stream/primary_clock.cc
SELECT clock_timestamp(), pg_current_wal_flush_lsn()

-- SPDX-License-Identifier: Apache-2.0
--
-- Creates the table of this session that update_merged.sql reads; it is empty in each transaction.
--
-- Caller     src/ingest/commit/commit_transaction.cc
CREATE TEMP TABLE IF NOT EXISTS merged_observations (LIKE public.observations)
ON COMMIT DELETE ROWS

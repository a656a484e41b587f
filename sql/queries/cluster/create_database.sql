-- SPDX-License-Identifier: Apache-2.0
--
-- Creates the database. Cannot run inside a transaction.
--
-- Role    superuser
-- Caller  src/cluster/embedded_cluster.cc
CREATE DATABASE atlas OWNER atlas

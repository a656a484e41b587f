// SPDX-License-Identifier: Apache-2.0
//
// DuckDB's errors as those of the store's contract: what a caller can do about them.
//
// Threading  pure functions.
#pragma once

#include <filesystem>
#include <string>

#include <duckdb.h>

#include "analytics/store.h"

namespace atlas::analytics::duckdb {

// By DuckDB's class of an error, and by its words where the class says too little: a full disk and
// a damaged file are both "IO". The words of an error about the statement do not count, because
// they quote it. An interrupted statement is `cancelled`. An error after which DuckDB refuses
// everything until the file is opened again, such as a checkpoint on a full disk, is `unavailable`:
// the file is as the last commit left it.
StoreError make_error(duckdb_error_type type, std::string message);

// Of an interface that gives no class: the message begins with it ("IO Error: …").
StoreError make_error(std::string message);

// Of a file that could not be opened: its words count in every class.
StoreError make_open_error(std::string message);

// An `unavailable` of a store whose file is `path`, with what is the matter and what to do before
// DuckDB's words: "the disk of /srv/analytics is full; make room there (IO Error: …)".
StoreError explained(StoreError error, const std::filesystem::path& path);

// Whether DuckDB refuses everything until the file is opened again.
bool wants_reopening(const StoreError& error);

}  // namespace atlas::analytics::duckdb

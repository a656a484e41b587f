// SPDX-License-Identifier: Apache-2.0
//
// Results on their way out: as text while the store finds them, or a file that is read to its end
// and removed.
//
//     rows of a statement → [make_text_stream] → bytes        Parquet file → [make_file_stream] →
//
// Threading  one thread at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "analytics/questions/points_sql.h"
#include "analytics/questions/result_text.h"
#include "analytics/questions/session.h"
#include "query/analytics.h"

namespace atlas::analytics {

// The columns of rows as clients see them.
std::vector<query::ResultColumn> columns_of(const std::vector<duckdb::Column>& columns);

// A file that is removed when the last holder has gone.
class TemporaryFile {
public:
    explicit TemporaryFile(std::filesystem::path path) : path_(std::move(path)) {}
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile();
    const std::filesystem::path& path() const { return path_; }

private:
    const std::filesystem::path path_;
};

// The rows are those of a statement on the session's connection; those of `further`, with the same
// columns, come after them.
std::unique_ptr<query::ByteStream> make_text_stream(Session session, duckdb::Rows rows,
                                                    query::ResultFormat format, UnitSql further,
                                                    const duckdb::Limits& limits);
std::unique_ptr<query::ByteStream> make_file_stream(query::Snapshot snapshot,
                                                    std::unique_ptr<TemporaryFile> file);

}  // namespace atlas::analytics

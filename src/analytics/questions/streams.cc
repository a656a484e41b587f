// SPDX-License-Identifier: Apache-2.0
#include "analytics/questions/streams.h"

#include <fstream>
#include <utility>

#include "analytics/questions/question.h"
#include "base/give_way.h"

namespace atlas::analytics {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{256} << 10U;

class TextStream final : public query::ByteStream {
public:
    TextStream(Session session, duckdb::Rows rows, query::ResultFormat format, UnitSql further,
               const duckdb::Limits& limits)
        : session_(std::move(session)),
          further_(std::move(further)),
          limits_(limits),
          rows_(std::move(rows)),
          text_(format, columns_of(rows_.columns())) {}

    query::Answer<bool> next(std::string& chunk) override {
        chunk.clear();
        if (ended_) return false;
        return giving_way(duckdb::kNiceness, [&] { return fill(chunk); });
    }

    const query::Snapshot& snapshot() const override { return session_.snapshot; }

private:
    query::Answer<bool> fill(std::string& chunk) {
        if (!begun_) text_.begin(chunk);
        begun_ = true;
        while (chunk.size() < kChunkBytes) {
            auto rows = rows_.next();
            if (!rows) return failure(read_error(std::move(rows.error())));
            if (*rows) {
                append(chunk, **rows);
                continue;
            }
            if (auto more = go_on(); !more) return failure(std::move(more.error()));
            if (!ended_) continue;
            text_.end(chunk);
            break;
        }
        return !chunk.empty();
    }

    // To the further rows, or the end.
    query::Answer<void> go_on() {
        ended_ = further_.text.empty();
        if (ended_) return {};
        const UnitSql sql = std::exchange(further_, {});
        auto rows = session_.connection.query(sql.text, sql.params, limits_);
        if (!rows) return failure(read_error(std::move(rows.error())));
        rows_ = std::move(*rows);
        return {};
    }

    void append(std::string& out, const duckdb::Chunk& chunk) {
        std::vector<duckdb::Cells> cells;
        cells.reserve(rows_.columns().size());
        for (std::size_t i = 0; i < rows_.columns().size(); ++i) cells.push_back(chunk.column(i));
        for (std::size_t row = 0; row < chunk.rows(); ++row) {
            text_.begin_row(out);
            for (const duckdb::Cells& column : cells) {
                text_.cell(out, read_cell(column, row, scratch_));
            }
            text_.end_row(out);
        }
    }

    Session session_;
    UnitSql further_;
    const duckdb::Limits limits_;
    duckdb::Rows rows_;
    ResultText text_;
    std::string scratch_;
    bool begun_ = false;
    bool ended_ = false;
};

class FileStream final : public query::ByteStream {
public:
    FileStream(query::Snapshot snapshot, std::unique_ptr<TemporaryFile> file)
        : snapshot_(std::move(snapshot)),
          file_(std::move(file)),
          in_(file_->path(), std::ios::binary) {}

    query::Answer<bool> next(std::string& chunk) override {
        chunk.resize(kChunkBytes);
        in_.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
        chunk.resize(static_cast<std::size_t>(in_.gcount()));
        // At the end of the file it fails, too.
        if (!in_ && !in_.eof()) {
            return failure(query::Error{.detail = "cannot read " + file_->path().string()});
        }
        return !chunk.empty();
    }

    const query::Snapshot& snapshot() const override { return snapshot_; }

private:
    const query::Snapshot snapshot_;
    const std::unique_ptr<TemporaryFile> file_;
    std::ifstream in_;
};

}  // namespace

TemporaryFile::~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
}

std::vector<query::ResultColumn> columns_of(const std::vector<duckdb::Column>& columns) {
    std::vector<query::ResultColumn> out;
    out.reserve(columns.size());
    for (const duckdb::Column& column : columns) {
        out.push_back({.name = column.name, .type = type_of(column)});
    }
    return out;
}

std::unique_ptr<query::ByteStream> make_text_stream(Session session, duckdb::Rows rows,
                                                    query::ResultFormat format, UnitSql further,
                                                    const duckdb::Limits& limits) {
    return std::make_unique<TextStream>(std::move(session), std::move(rows), format,
                                        std::move(further), limits);
}

std::unique_ptr<query::ByteStream> make_file_stream(query::Snapshot snapshot,
                                                    std::unique_ptr<TemporaryFile> file) {
    return std::make_unique<FileStream>(std::move(snapshot), std::move(file));
}

}  // namespace atlas::analytics

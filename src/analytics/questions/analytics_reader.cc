// SPDX-License-Identifier: Apache-2.0
#include "analytics/questions/analytics_reader.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "analytics/questions/export_sql.h"
#include "analytics/questions/filter_sql.h"
#include "analytics/questions/named_queries.h"
#include "analytics/questions/question.h"
#include "analytics/questions/sandbox_sql.h"
#include "analytics/questions/series_reader.h"
#include "analytics/questions/sql_builder.h"
#include "analytics/questions/sql_guard.h"
#include "base/give_way.h"
#include "base/json_writer.h"

namespace atlas::analytics {
namespace {

using query::Error;
using query::ErrorCode;
using query::ResultFormat;
using query::ResultTable;

Error not_here(std::string_view what) {
    return {.code = ErrorCode::unavailable,
            .detail = fmt::format("The analytics store does not answer {}.", what)};
}

// Appends rows until there are no more, or the result has its largest size.
query::Answer<ResultTable> collect(duckdb::Rows rows, ResultFormat format,
                                   const ReaderOptions& options, std::string_view sql) {
    ResultTable table{.columns = columns_of(rows.columns())};
    ResultText text(format, table.columns);
    text.begin(table.rows);
    std::string scratch;
    std::int64_t count = 0;
    while (!table.truncated) {
        auto chunk = rows.next();
        if (!chunk) return failure(sql_error(std::move(chunk.error()), sql));
        if (!*chunk) break;
        std::vector<duckdb::Cells> cells;
        cells.reserve(table.columns.size());
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            cells.push_back((*chunk)->column(i));
        }
        for (std::size_t row = 0; row < (*chunk)->rows(); ++row) {
            table.truncated = count == options.max_rows || table.rows.size() > options.max_bytes;
            if (table.truncated) break;
            text.begin_row(table.rows);
            for (const duckdb::Cells& column : cells) {
                text.cell(table.rows, read_cell(column, row, scratch));
            }
            text.end_row(table.rows);
            ++count;
        }
    }
    text.end(table.rows);
    return table;
}

ResultTable formatted_table(const ComputedTable& computed, ResultFormat format) {
    ResultTable table{.columns = computed.columns, .truncated = computed.truncated};
    ResultText text(format, table.columns);
    text.begin(table.rows);
    for (const auto& row : computed.rows) {
        text.begin_row(table.rows);
        for (const Value& value : row) text.cell(table.rows, value.cell());
        text.end_row(table.rows);
    }
    text.end(table.rows);
    if (!computed.plan.empty()) table.plan = computed.plan;
    return table;
}

// The digits of numbers before and after the point.
struct Digits {
    std::size_t whole = 0;
    std::size_t fraction = 0;

    void add(const Value& value) {
        if (value.kind == Cell::Kind::real) return;
        const std::string text =
            value.kind == Cell::Kind::integer ? std::to_string(value.integer) : value.text;
        const std::size_t point = std::min(text.find('.'), text.size());
        whole = std::max(whole, point);
        fraction = std::max(fraction, text.size() - std::min(text.size(), point + 1));
    }
};

// The columns of a table as Parquet has them: a decimal's scale is that of its numbers.
std::vector<CsvColumn> csv_columns(const ComputedTable& table) {
    std::vector<CsvColumn> columns;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        CsvColumn column{.column = table.columns[i]};
        Digits digits;
        bool real = false;
        for (const auto& row : table.rows) {
            digits.add(row[i]);
            real = real || row[i].kind == Cell::Kind::real;
        }
        if (!real && digits.whole + digits.fraction <= 38) {
            column.scale = static_cast<int>(digits.fraction);
        }
        columns.push_back(std::move(column));
    }
    return columns;
}

// Which relations a query reads: the daily statistics are made of rollups.
std::string plan_of(std::string_view sql) {
    std::string plan;
    JsonWriter json(plan);
    json.begin_object().key("relations").begin_array();
    bool raw = false;
    for (const std::string_view relation : public_relations()) {
        if (sql.find(relation) == std::string_view::npos) continue;
        json.value(relation);
        raw = raw || relation == "fact_telemetry";
    }
    json.end_array().key("source").value(raw ? "raw" : "rollup").end_object();
    return plan;
}

}  // namespace

AnalyticsReader::AnalyticsReader(duckdb::DuckStore& store, Catalogs catalogs, const Clock& clock,
                                 ReaderOptions options)
    : store_(store), catalogs_(std::move(catalogs)), clock_(clock), options_(std::move(options)) {
}

query::Answer<Session> AnalyticsReader::begin() {
    if (!options_.filled()) return failure(being_filled());
    return open_session(store_, running_, options_.max_running, options_.folder);
}

duckdb::Limits AnalyticsReader::limits(const query::Caller& caller) const {
    return {.time = options_.query_timeout, .stop = caller.stop};
}

// A name that the catalog at hand lacks may be newer than it: then again, with a new one.
template <class Resolve>
query::Answer<model::TenantCatalogPtr> AnalyticsReader::with_catalog(TenantId tenant,
                                                                     Resolve resolve) {
    auto catalog = catalogs_(tenant, false);
    if (!catalog) return catalog;
    query::Answer<void> resolved = resolve(**catalog);
    if (!resolved && resolved.error().code == ErrorCode::unknown_attribute) {
        catalog = catalogs_(tenant, true);
        if (!catalog) return catalog;
        resolved = resolve(**catalog);
    }
    if (!resolved) return failure(std::move(resolved.error()));
    return catalog;
}

template <class Request>
query::Answer<model::TenantCatalogPtr> AnalyticsReader::bind(Request& request, TenantId tenant) {
    auto catalog = with_catalog(
        tenant, [&](const model::TenantCatalog& names) { return query::bind(request, names); });
    if (!catalog) return catalog;
    if (auto good = check_filter(request.filter); !good) return failure(std::move(good.error()));
    return catalog;
}

query::Answer<query::EntityAnswer> AnalyticsReader::get(const query::GetRequest&) {
    return failure(not_here("requests for one entity"));
}

query::Answer<query::EntityPage> AnalyticsReader::list(const query::ListRequest&) {
    return failure(not_here("lists of entities"));
}

query::Answer<query::SeriesPage> AnalyticsReader::series(const query::SeriesRequest& request) {
    query::SeriesRequest series = request;
    if (const auto catalog = bind(series, series.tenant); !catalog) {
        return failure(catalog.error());
    }
    auto session = begin();
    if (!session) return failure(std::move(session.error()));
    auto page = giving_way(duckdb::kNiceness, [&] {
        return read_series(session->connection, series,
                           {.time = options_.query_timeout, .stop = series.stop});
    });
    if (page) page->snapshot = session->snapshot;
    return page;
}

query::Answer<ResultTable> AnalyticsReader::query(const query::AnalyticsRequest& request,
                                                  ResultFormat format,
                                                  const query::Caller& caller) {
    query::AnalyticsRequest question = request;
    question.tenant = caller.tenant;
    const auto catalog = bind(question, caller.tenant);
    if (!catalog) return failure(catalog.error());
    auto session = begin();
    if (!session) return failure(std::move(session.error()));
    auto computed = giving_way(duckdb::kNiceness, [&] {
        return answer_question(session->connection, question, **catalog, limits(caller));
    });
    if (!computed) return failure(std::move(computed.error()));
    const bool parquet = format == ResultFormat::parquet;
    ResultTable table = formatted_table(*computed, parquet ? ResultFormat::csv : format);
    table.snapshot = session->snapshot;
    if (!parquet) return table;
    const auto csv = new_file("csv");
    std::ofstream out(csv->path(), std::ios::binary);
    out << table.rows;
    out.close();
    if (!out) return failure(Error{.detail = "cannot write " + csv->path().string()});
    auto bytes =
        parquet_of(session->connection, read_csv_sql(csv->path().string(), csv_columns(*computed)),
                   {}, limits(caller));
    if (!bytes) return failure(std::move(bytes.error()));
    table.rows = std::move(bytes->bytes);
    return table;
}

std::unique_ptr<TemporaryFile> AnalyticsReader::new_file(std::string_view extension) {
    return std::make_unique<TemporaryFile>(
        options_.folder /
        fmt::format("result-{}-{}.{}", ::getpid(), files_.fetch_add(1), extension));
}

query::Answer<AnalyticsReader::Parquet> AnalyticsReader::parquet_of(duckdb::Connection& connection,
                                                                    std::string_view sql,
                                                                    const query::SqlRequest& params,
                                                                    const duckdb::Limits& limits) {
    auto file = new_file("parquet");
    auto statement = connection.prepare(copy_to_parquet_sql(sql, file->path().string()), limits);
    if (!statement) return failure(sql_error(std::move(statement.error()), sql));
    if (auto bound = bind_params(*statement, params); !bound) {
        return failure(std::move(bound.error()));
    }
    auto rows = statement->execute(limits);
    if (!rows) return failure(sql_error(std::move(rows.error()), sql));
    auto written = rows->finish();
    if (!written) return failure(sql_error(std::move(written.error()), sql));
    Parquet parquet{.bytes = {}, .rows = *written};
    std::string chunk;
    auto stream = make_file_stream({}, std::move(file));
    while (true) {
        auto more = stream->next(chunk);
        if (!more) return failure(std::move(more.error()));
        if (!*more) return parquet;
        parquet.bytes += chunk;
    }
}

// A statement that the sandbox lets through, in the format asked for. `ordered`: it gathers all its
// rows before it returns the first, as formatted_sql() has others do.
query::Answer<ResultTable> AnalyticsReader::run(Sandbox& sandbox, const query::SqlRequest& request,
                                                ResultFormat format, bool ordered,
                                                const duckdb::Limits& limits) {
    auto statement = sandbox.prepare(request.sql, param_texts(request), limits);
    if (!statement) return failure(std::move(statement.error()));
    if (auto bound = bind_params(*statement, request); !bound) {
        return failure(std::move(bound.error()));
    }
    const bool parquet = format == ResultFormat::parquet;
    if (ordered && !parquet) {
        auto rows = statement->execute(limits);
        if (!rows) return failure(sql_error(std::move(rows.error()), request.sql));
        const bool plain = std::ranges::none_of(rows->columns(), [](const duckdb::Column& column) {
            return column.kind == duckdb::Kind::other;
        });
        if (plain) return collect(std::move(*rows), format, options_, request.sql);
    }
    auto columns = sandbox.columns(*statement, request, limits);
    if (!columns) return failure(std::move(columns.error()));
    auto text = sandbox.formatted(*columns, format, options_.max_rows + 1);
    if (!text) return failure(std::move(text.error()));
    if (parquet) {
        auto file = parquet_of(sandbox.connection(), *text, request, limits);
        const bool truncated = file && file->rows > options_.max_rows;
        if (truncated) {
            text = sandbox.formatted(*columns, format, options_.max_rows);
            if (!text) return failure(std::move(text.error()));
            file = parquet_of(sandbox.connection(), *text, request, limits);
        }
        if (!file) return failure(std::move(file.error()));
        return ResultTable{.columns = columns_of(*columns),
                           .rows = std::move(file->bytes),
                           .truncated = truncated};
    }
    auto formatted = sandbox.connection().prepare(*text, limits);
    if (!formatted) return failure(formatted_error(std::move(formatted.error())));
    if (auto bound = bind_params(*formatted, request); !bound) {
        return failure(std::move(bound.error()));
    }
    auto rows = formatted->execute(limits);
    if (!rows) return failure(formatted_error(std::move(rows.error())));
    return collect(std::move(*rows), format, options_, {});
}

query::Answer<ResultTable> AnalyticsReader::sql(const query::SqlRequest& request,
                                                ResultFormat format, const query::Caller& caller) {
    auto session = begin();
    if (!session) return failure(std::move(session.error()));
    auto sandbox = Sandbox::open(std::move(session->connection), caller.tenant, caller.all_tenants);
    if (!sandbox) return failure(std::move(sandbox.error()));
    duckdb::Limits bounds = limits(caller);
    bounds.growth = options_.query_growth;
    auto table = giving_way(duckdb::kNiceness,
                            [&] { return run(*sandbox, request, format, false, bounds); });
    if (table) table->snapshot = session->snapshot;
    return table;
}

std::vector<query::NamedQuery> AnalyticsReader::queries() const {
    return named_queries();
}

query::Answer<ResultTable> AnalyticsReader::named(const query::NamedRequest& request,
                                                  ResultFormat format,
                                                  const query::Caller& caller) {
    const query::NamedQuery* query = find_named_query(request.name);
    if (query == nullptr) {
        return failure(Error{.code = ErrorCode::query_not_found,
                             .detail = fmt::format("There is no query named {}. GET "
                                                   "/v1/analytics/queries lists them.",
                                                   request.name)});
    }
    auto values = read_parameters(*query, request, clock_.system());
    if (!values) return failure(std::move(values.error()));
    const auto catalog = with_catalog(caller.tenant, [&](const model::TenantCatalog& names) {
        return bind_attributes(*query, *values, names);
    });
    if (!catalog) return failure(catalog.error());
    const query::SqlRequest statement{.sql = query->sql, .named = std::move(*values)};
    auto session = begin();
    if (!session) return failure(std::move(session.error()));
    auto sandbox = Sandbox::open(std::move(session->connection), caller.tenant, false);
    if (!sandbox) return failure(std::move(sandbox.error()));
    auto table = giving_way(duckdb::kNiceness,
                            [&] { return run(*sandbox, statement, format, true, limits(caller)); });
    if (!table) return table;
    table->snapshot = session->snapshot;
    if (request.explain) table->plan = plan_of(statement.sql);
    return table;
}

query::Answer<std::unique_ptr<query::ByteStream>> AnalyticsReader::export_points(
    const query::ExportRequest& request, const query::Caller& caller) {
    query::ExportRequest wanted = request;
    if (const auto catalog = bind(wanted, caller.tenant); !catalog) {
        return failure(catalog.error());
    }
    auto session = begin();
    if (!session) return failure(std::move(session.error()));
    const bool parquet = request.format == ResultFormat::parquet;
    const UnitSql sql =
        export_sql(caller.tenant, wanted, parquet ? ExportPart::all : ExportPart::current, parquet);
    const duckdb::Limits limits{.time = options_.export_timeout, .stop = caller.stop};
    if (!parquet) {
        auto rows = session->connection.query(sql.text, sql.params, limits);
        if (!rows) return failure(read_error(std::move(rows.error())));
        return make_text_stream(std::move(*session), std::move(*rows), request.format,
                                export_sql(caller.tenant, wanted, ExportPart::superseded, false),
                                limits);
    }
    auto file = new_file("parquet");
    const auto written = giving_way(duckdb::kNiceness, [&] {
        return session->connection
            .query(copy_to_parquet_sql(sql.text, file->path().string()), sql.params, limits)
            .and_then([](duckdb::Rows rows) { return rows.finish(); });
    });
    if (!written) return failure(read_error(written.error()));
    return make_file_stream(session->snapshot, std::move(file));
}

}  // namespace atlas::analytics

// SPDX-License-Identifier: Apache-2.0
//
// The contract of what answers analytical questions: the analytics store, or another process that
// has one.
//
//     HTTP routes → [Analytics: query, sql, named, export] → ResultTable, ByteStream
//
// The tenant is always the caller's: no request names another. Each method fails with the codes of
// its request's binding, and with tenant_inactive, limit_exceeded, analytics_unavailable,
// busy and internal.
//
// Lifetime   longer than every request and every stream.
// Threading  any thread; every call may block.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "query/analytics_request.h"
#include "query/demand.h"
#include "query/error.h"
#include "query/snapshot.h"

namespace atlas::query {

enum class ResultFormat : std::uint8_t { json, ndjson, csv, parquet };

std::string_view to_string(ResultFormat format);
std::optional<ResultFormat> parse_format(std::string_view word);  // nullopt for any other word
std::string_view content_type(ResultFormat format);
// The best of what an Accept header names; nullopt: none of the formats. Empty: json.
std::optional<ResultFormat> accepted_format(std::string_view accept);

// The value of a parameter; a number that is neither 64 bits nor a double comes as its digits.
using ParameterValue = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

struct Caller {
    TenantId tenant = {};
    bool all_tenants = false;   // an admin of the tenant system: SQL sees every tenant
    std::stop_token stop = {};  // the client has gone
    Demand demand = {};
};

struct SqlRequest {
    std::string sql;
    std::vector<ParameterValue> params = {};                         // $1, $2, … and ?
    std::vector<std::pair<std::string, ParameterValue>> named = {};  // $name
};

// {"sql": "SELECT …", "params": [1, "a"]}, where params may also be an object of named ones. Fails
// with invalid_json, unknown_field or invalid_field.
Answer<SqlRequest> parse_sql_request(std::string_view json);

struct NamedRequest {
    std::string name;
    std::vector<std::pair<std::string, ParameterValue>> params = {};
    bool explain = false;
};

// The object "params" of {"params": {…}}; an empty body is {}. Fails as parse_sql_request().
Answer<NamedRequest> parse_named_request(std::string name, std::string_view json);

// A query that comes with Atlas.
struct NamedQuery {
    struct Parameter {
        std::string name;
        std::string type;      // a word of the attribute types
        std::string fallback;  // as it is written where it is not given; empty: it must be given
        std::string description;
        bool is_attribute = false;  // a string, the name of an attribute
        bool is_numeric = false;    // of one whose values are numbers
    };
    std::string name;
    std::string description;
    std::vector<Parameter> params;
    std::string sql = {};  // the statement, with its parameters as $name
};

struct ExportRequest {
    Filter filter = {};
    NameList attributes = {};
    std::optional<Time> from = {};
    std::optional<Time> to = {};
    ResultFormat format = ResultFormat::ndjson;
};

// {"filter", "attributes", "from", "to", "format"}, all of them optional. Fails with invalid_json,
// unknown_field, invalid_field or invalid_filter.
Answer<ExportRequest> parse_export_request(std::string_view json);

// Resolves names in place. Fails with unknown_attribute, attribute_not_hot or invalid_filter.
Answer<void> bind(ExportRequest& request, const model::TenantCatalog& catalog);

struct ResultColumn {
    std::string name;
    model::Type type = model::Type::string;
};

struct ResultTable {
    std::vector<ResultColumn> columns = {};
    std::string rows = {};   // json: an array of arrays; else the whole document
    bool truncated = false;  // the row limit cut it
    std::optional<std::string> plan = std::nullopt;  // with explain; a JSON object
    Snapshot snapshot = {};
};

// Bytes that come as they are found. Destroying it ends what makes them.
class ByteStream {
public:
    ByteStream() = default;
    ByteStream(const ByteStream&) = delete;
    ByteStream& operator=(const ByteStream&) = delete;
    virtual ~ByteStream() = default;
    // Replaces `chunk` by the next bytes; false: there are no more.
    virtual Answer<bool> next(std::string& chunk) = 0;
    virtual const Snapshot& snapshot() const = 0;
};

class Analytics {
public:
    virtual ~Analytics() = default;
    virtual Answer<ResultTable> query(const AnalyticsRequest& request, ResultFormat format,
                                      const Caller& caller) = 0;
    // Also fails with invalid_sql and sql_not_allowed.
    virtual Answer<ResultTable> sql(const SqlRequest& request, ResultFormat format,
                                    const Caller& caller) = 0;
    // By name.
    virtual std::vector<NamedQuery> queries() const = 0;
    // Also fails with query_not_found.
    virtual Answer<ResultTable> named(const NamedRequest& request, ResultFormat format,
                                      const Caller& caller) = 0;
    virtual Answer<std::unique_ptr<ByteStream>> export_points(const ExportRequest& request,
                                                              const Caller& caller) = 0;
};

}  // namespace atlas::query

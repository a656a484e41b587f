// SPDX-License-Identifier: Apache-2.0
#include "http/routes/analytics/analytics.h"

#include <fmt/format.h>

#include <stdexcept>
#include <type_traits>

#include "base/json_writer.h"
#include "http/routes/query_problem.h"

namespace atlas::http {
namespace {

using query::Answer;
using query::Error;
using query::ErrorCode;
using query::ResultFormat;
using query::ResultTable;

// One request: what it demands, in which format, and who asks.
class Question {
public:
    Question(AnalyticsContext& context, const Request& request)
        : context_(context), request_(request), reading_(context.reading, request) {}

    std::optional<Response> begin() {
        if (const std::string& type = request_.content_type;
            !type.empty() && type != "application/json") {
            Response refusal =
                problem("unsupported_media_type", 415, "Unsupported media type",
                        "The body must be JSON with Content-Type: application/json.");
            refusal.headers.emplace_back("Accept", "application/json");
            return refusal;
        }
        if (auto refused = reading_.begin(false)) return refused;
        query::Demand demand = reading_.demand();
        if (demand.level == query::Level::eventual) demand.level = query::Level::analytics;
        reading_.begin(demand);
        const auto explain = reading_.flag("explain");
        if (!explain) return problem(explain.error(), request_);
        explain_ = *explain;
        return std::nullopt;
    }

    // For all but export, whose body says it.
    std::optional<Response> read_format() {
        if (const auto word = reading_.text("format"); !word.empty()) {
            const auto format = query::parse_format(word);
            if (!format) {
                return invalid_parameter("format", "format must be json, ndjson, csv or parquet.");
            }
            format_ = *format;
            return std::nullopt;
        }
        const std::string* accept = request_.header("accept");
        const auto format = query::accepted_format(accept == nullptr ? "" : *accept);
        if (format) format_ = *format;
        if (format) return std::nullopt;
        return problem("not_acceptable", 406, "Not acceptable",
                       "Accept must name application/json, application/x-ndjson, text/csv or "
                       "application/vnd.apache.parquet.");
    }

    // Calls `ask` with the store, and takes its time.
    template <class Ask>
    std::invoke_result_t<Ask, query::Analytics&> ask(Ask ask) const {
        if (context_.analytics != nullptr) {
            return reading_.timed([&] { return ask(*context_.analytics); });
        }
        return failure(Error{
            .code = ErrorCode::analytics_unavailable,
            .detail =
                "No process here has an analytics store. Start one with the role analytics."});
    }

    query::Caller caller() const {
        return {.tenant = request_.tenant,
                .all_tenants = request_.admin && request_.tenant == kSystemTenant,
                .stop = request_.gone,
                .demand = reading_.demand()};
    }

    const Request& request() const { return request_; }
    ResultFormat format() const { return format_; }
    bool explain() const { return explain_; }

    Response finish(ResultTable table) const {
        if (format_ != ResultFormat::json) {
            Response response = headers(table.snapshot, format_);
            if (response.status != 200) return response;
            response.body = std::move(table.rows);
            if (table.truncated) response.headers.emplace_back("X-Truncated", "true");
            return response;
        }
        std::string body;
        body.reserve(table.rows.size() + 4096);
        JsonWriter json(body);
        json.begin_object().key("columns").begin_array();
        for (const query::ResultColumn& column : table.columns) {
            json.begin_object().key("name").value(column.name);
            json.key("type").value(model::to_string(column.type)).end_object();
        }
        json.end_array().key("rows").raw(table.rows);
        json.key("truncated").value(table.truncated);
        if (table.plan) json.key("plan").raw(*table.plan);
        return reading_.finish(std::move(body), table.snapshot);
    }

    Response finish(std::unique_ptr<query::ByteStream> stream, ResultFormat format) const;

private:
    // A response without its body; other than 200: the refusal of Reading::finish().
    Response headers(const query::Snapshot& snapshot, ResultFormat format) const {
        Response response = reading_.finish("{", snapshot);
        if (response.status != 200) return response;
        response.body.clear();
        response.content_type = query::content_type(format);
        return response;
    }

    AnalyticsContext& context_;
    const Request& request_;
    Reading reading_;
    ResultFormat format_ = ResultFormat::json;
    bool explain_ = false;
};

class ExportBody final : public BodyStream {
public:
    explicit ExportBody(std::unique_ptr<query::ByteStream> stream) : stream_(std::move(stream)) {}
    bool next(std::string& piece) override {
        auto more = stream_->next(piece);
        if (!more) throw std::runtime_error("export: " + more.error().detail);
        return *more;
    }

private:
    const std::unique_ptr<query::ByteStream> stream_;
};

Response Question::finish(std::unique_ptr<query::ByteStream> stream, ResultFormat format) const {
    Response response = headers(stream->snapshot(), format);
    if (response.status != 200) return response;
    response.stream = std::make_shared<ExportBody>(std::move(stream));
    return response;
}

Answer<Response> answer_query(const Question& question) {
    auto request = query::parse_analytics(question.request().body, question.request().received_at);
    if (!request) return failure(std::move(request.error()));
    request->explain = question.explain();
    auto table = question.ask([&](query::Analytics& analytics) {
        return analytics.query(*request, question.format(), question.caller());
    });
    if (!table) return failure(std::move(table.error()));
    return question.finish(std::move(*table));
}

Answer<Response> answer_sql(const Question& question) {
    auto request = query::parse_sql_request(question.request().body);
    if (!request) return failure(std::move(request.error()));
    auto table = question.ask([&](query::Analytics& analytics) {
        return analytics.sql(*request, question.format(), question.caller());
    });
    if (!table) return failure(std::move(table.error()));
    return question.finish(std::move(*table));
}

Answer<Response> answer_named(const Question& question) {
    auto request =
        query::parse_named_request(question.request().segments.front(), question.request().body);
    if (!request) return failure(std::move(request.error()));
    request->explain = question.explain();
    auto table = question.ask([&](query::Analytics& analytics) {
        return analytics.named(*request, question.format(), question.caller());
    });
    if (!table) return failure(std::move(table.error()));
    return question.finish(std::move(*table));
}

Answer<Response> answer_export(const Question& question) {
    auto request = query::parse_export_request(question.request().body);
    if (!request) return failure(std::move(request.error()));
    auto stream = question.ask([&](query::Analytics& analytics) {
        return analytics.export_points(*request, question.caller());
    });
    if (!stream) return failure(std::move(stream.error()));
    return question.finish(std::move(*stream), request->format);
}

Response list_queries(const AnalyticsContext& context) {
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("queries").begin_array();
    const auto queries = context.analytics == nullptr ? std::vector<query::NamedQuery>{}
                                                      : context.analytics->queries();
    for (const query::NamedQuery& query : queries) {
        json.begin_object().key("name").value(query.name);
        json.key("description").value(query.description).key("params").begin_array();
        for (const auto& parameter : query.params) {
            json.begin_object().key("name").value(parameter.name);
            json.key("type").value(parameter.type).key("default");
            parameter.fallback.empty() ? json.null() : json.value(parameter.fallback);
            json.key("description").value(parameter.description).end_object();
        }
        json.end_array().key("sql").value(query.sql).end_object();
    }
    json.end_array().end_object();
    return response;
}

std::optional<Response> forwarded(const AnalyticsContext& context, const Request& request) {
    return context.forward ? context.forward(request) : std::nullopt;
}

Route question_route(AnalyticsContext& context, std::string pattern,
                     std::vector<std::string> parameters,
                     Answer<Response> (*answer)(const Question&)) {
    Route route;
    route.method = "POST";
    route.pattern = std::move(pattern);
    const bool has_format = std::ranges::find(parameters, "format") != parameters.end();
    route.parameters = read_parameters(std::move(parameters));
    route.cancellable = true;
    route.slow = true;
    route.handler = [&context, answer, has_format](const Request& request) {
        if (auto response = forwarded(context, request)) return std::move(*response);
        Question question(context, request);
        auto refused = question.begin();
        if (!refused && has_format) refused = question.read_format();
        if (refused) return std::move(*refused);
        auto response = answer(question);
        return response ? std::move(*response)
                        : problem(response.error(), request, &context.reading.tokens);
    };
    return route;
}

}  // namespace

std::vector<Route> analytics_routes(AnalyticsContext& context) {
    std::vector<Route> routes;
    routes.push_back(
        question_route(context, "/v1/analytics/query", {"format", "explain"}, answer_query));
    routes.push_back(question_route(context, "/v1/analytics/sql", {"format"}, answer_sql));
    routes.push_back(question_route(context, "/v1/analytics/queries/{name}", {"format", "explain"},
                                    answer_named));
    routes.push_back(question_route(context, "/v1/analytics/export", {}, answer_export));
    Route list;
    list.method = "GET";
    list.pattern = "/v1/analytics/queries";
    list.handler = [&context](const Request& request) {
        auto response = forwarded(context, request);
        return response ? std::move(*response) : list_queries(context);
    };
    routes.push_back(std::move(list));
    return routes;
}

}  // namespace atlas::http

// SPDX-License-Identifier: Apache-2.0
#include "http/server/problem.h"

#include <fmt/format.h>

#include <random>

#include "base/json_writer.h"

namespace atlas::http {

Response problem(std::string_view code, int status, std::string_view title, std::string_view detail,
                 const ProblemMembers& members) {
    Response response{.status = status, .content_type = "application/problem+json"};
    JsonWriter json(response.body);
    json.begin_object();
    json.key("type").value(fmt::format("urn:problem-type:atlas:{}", code));
    json.key("title").value(title).key("status").value(status);
    json.key("detail").value(detail).key("code").value(code);
    for (const auto& [name, value] : members) json.key(name).raw(value);
    json.end_object();
    return response;
}

Response invalid_parameter(std::string_view name, std::string_view detail) {
    std::string quoted;
    append_json_string(quoted, name);
    return problem("invalid_parameter", 400, "Invalid parameter", detail, {{"parameter", quoted}});
}

Response internal_problem(std::string_view request_id) {
    return problem("internal", 500, "Internal error",
                   fmt::format("Internal error; see the server log for request {}.", request_id));
}

Response with_retry_after(Response response) {
    thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<int> seconds{1, 3};
    response.headers.emplace_back("Retry-After", std::to_string(seconds(random)));
    return response;
}

}  // namespace atlas::http

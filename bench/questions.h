// SPDX-License-Identifier: Apache-2.0
//
// Questions to a server over HTTP, as a tenant: sent, timed, and their rows read.
//
// Threading  one thread per Questioner; the rest are pure functions.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/month.h"
#include "client/http_client.h"

namespace atlas::bench {

struct Question {
    std::string name;
    std::string target;
    std::string body;  // empty: GET
};

// The queries that come with Atlas, with values for all of their parameters, over a month: windows
// as long as they are when nothing is given, and until its end.
std::vector<Question> named_questions(const Month& month);
// The same values, for another program: name of the query to its parameters.
boost::json::object named_parameters(const Month& month);

class Questioner {
public:
    Questioner(const Server& server, const std::string& tenant) : client_(server.client(tenant)) {}

    // nullopt: the server has too much to do, and it can be asked again. Throws std::runtime_error
    // for any other response but 200, and for a result that was cut.
    std::optional<boost::json::object> try_ask(const Question& question);
    // Asks until there is a response.
    boost::json::object ask(const Question& question);
    boost::json::array rows(const Question& question) {
        return std::move(ask(question).at("rows").as_array());
    }
    // Milliseconds of each, for so long, at least three times.
    std::vector<double> repeat(const Question& question, double seconds);

private:
    client::HttpClient client_;
};

}  // namespace atlas::bench

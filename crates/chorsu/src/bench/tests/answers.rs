//! Which answers pass for a receipt, and what is said of the others.

use crate::bench::answer::{AnswerError, Receipt, receipt, result};

const ID: &str = "62da73b0803aced907a52b46";

/// What the generator makes of an answer: `state`, or the message of the error.
fn read(answer: &str) -> Result<u8, String> {
    let Receipt { id, state } = receipt(answer.as_bytes()).map_err(|error| error.to_string())?;
    assert_eq!(id, *ID.as_bytes(), "{answer}");
    Ok(state)
}

#[test]
fn a_receipt_is_found_by_its_place_and_not_by_its_words() {
    let cases = [
        (r#"{"result":{"receipt":{"_id":"ID","state":0}}}"#, 0),
        (
            r#"{"jsonrpc":"2.0","id":4,"result":{"receipt":{"_id":"ID","x":[],"state":4,"y":{}}}}"#,
            4,
        ),
        // The other order, whitespace, and values of every kind to step over.
        (r#" { "id" : null , "result" : { "receipt" : { "state" : 21 , "_id" : "ID" } } } "#, 21),
        (r#"{"a":[{},-2e3,true,[{"b":"]"}]],"result":{"receipt":{"state":4,"_id":"ID"}}}"#, 4),
        // The same words at other depths, in strings and behind escapes.
        (r#"{"x":{"error":1},"result":{"receipt":{"error":null,"state":5,"_id":"ID"}}}"#, 5),
        (r#"{"x":"\"error\":{","result":{"receipt":{"d":"\\","state":4,"_id":"ID"}}}"#, 4),
        (r#"{"result":{"receipt":{"m":{"_id":"0","state":1},"_id":"ID","state":50}}}"#, 50),
    ];
    for (answer, state) in cases {
        assert_eq!(read(&answer.replace("ID", ID)), Ok(state), "{answer}");
    }
}

#[test]
fn an_error_object_is_told_in_its_own_words() {
    let cases = [
        (r#"{"id":1,"error":{"code":-31630,"message":"нет денег"}}"#, "error -31630: нет денег"),
        (
            r#"{"error":{"code":-32504,"message":"Access denied.","data":"invalid_id"}}"#,
            "error -32504: Access denied. (data: \"invalid_id\")",
        ),
        (r#"{"error":null,"id":1}"#, r#"not the expected answer: {"error":null,"id":1}"#),
    ];
    for (answer, message) in cases {
        assert_eq!(read(answer), Err(message.to_owned()));
    }
}

#[test]
fn anything_else_is_not_a_receipt() {
    let cases = [
        "",
        "[]",
        "null",
        "{}",
        r#"{"result":null}"#,
        r#"{"result":[]}"#,
        r#"{"result":{}}"#,
        r#"{"result":{"receipt":null}}"#,
        r#"{"result":{"receipt":{"_id":"ID"}}}"#,
        r#"{"result":{"receipt":{"state":4}}}"#,
        r#"{"result":{"receipt":{"_id":"short","state":4}}}"#,
        r#"{"result":{"receipt":{"_id":7,"state":4}}}"#,
        r#"{"result":{"receipt":{"_id":"ID","state":"4"}}}"#,
        r#"{"result":{"receipt":{"_id":"ID","state":4.5}}}"#,
        r#"{"result":{"receipt":{"_id":"ID","state":-4}}}"#,
        r#"{"result":{"receipt":{"_id":"ID","state":400}}}"#,
        r#"{"result":{"receipt":{"_id":"ID"}},"receipt":{"state":4}}"#,
        r#"{"result":{"receipts":{"_id":"ID","state":4}}}"#,
        r#"{"receipt":{"_id":"ID","state":4}}"#,
        "<html>",
    ];
    for answer in cases {
        let answer = answer.replace("ID", ID);
        let found = receipt(answer.as_bytes());
        assert!(matches!(found, Err(AnswerError::Unexpected(_))), "{answer}: {found:?}");
    }
}

#[test]
fn no_beginning_of_an_answer_passes_for_the_whole() {
    let answer = r#"{"id":[1,{"a":"\""}],"result":{"receipt":{"_id":"ID","x":"\\","state":4}}}"#;
    let answer = answer.replace("ID", ID);
    // The last three bytes close what is no longer looked at.
    for length in 0..answer.len() - 3 {
        assert!(receipt(&answer.as_bytes()[..length]).is_err(), "{}", &answer[..length]);
    }
    assert!(receipt(&[0xFF; 64]).is_err(), "invalid UTF-8 is quoted, not trusted");
}

#[test]
fn a_long_answer_is_quoted_in_part() {
    let message = AnswerError::unexpected("ж".repeat(1000).as_bytes()).to_string();
    assert!(message.chars().count() < 200, "{message}");
    assert!(message.ends_with('…'), "{message}");
}

#[test]
fn the_result_of_a_set_up_call_is_taken_whole() {
    assert_eq!(result(br#"{"id":1,"result":{"sent":true}}"#).unwrap()["sent"], true);
    assert!(matches!(
        result(br#"{"result":1,"error":{"code":1,"message":""}}"#),
        Err(AnswerError::Refused { code: 1, .. })
    ));
    assert!(matches!(result(b"{}"), Err(AnswerError::Unexpected(_))));
}

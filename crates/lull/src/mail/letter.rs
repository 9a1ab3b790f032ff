//! The words of a mail, plain text alone.

use super::moment;
use domain::notice::Notice;
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};
use store::mails::Mail;

/// Characters of a name or title in a heading.
const HEADING: usize = 100;

/// What happened, with the case's number; `who` did it.
fn happened(mail: &Mail) -> String {
    let number = match mail.cases {
        ..=1 => mail.case_number.to_string(),
        cases => format!("{} and {} more", mail.case_number, cases - 1),
    };
    let who = mail.by_name.as_deref().map(one_line);
    match (mail.notice, who) {
        (Notice::NewCase, _) => format!("Case {number} is new in your queue"),
        (Notice::Assigned, Some(who)) => format!("{who} gave you case {number}"),
        (Notice::Assigned, None) => format!("Case {number} is assigned to you"),
        (Notice::Reopened, Some(who)) => format!("{who} reopened case {number}"),
        (Notice::Reopened, None) => format!("Case {number} is open again"),
        (Notice::Replied, _) => format!("The customer replied in case {number}"),
        (Notice::Mentioned, Some(who)) => format!("{who} mentioned you in case {number}"),
        (Notice::Mentioned, None) => format!("You were mentioned in case {number}"),
        (Notice::Closed, Some(who)) => format!("{who} closed case {number}"),
        (Notice::Closed, None) => format!("Case {number} was closed"),
    }
}

/// A text that can stand in a heading: one line, nothing that ends it or turns its direction.
fn one_line(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() || c.is_whitespace() { ' ' } else { c });
    let plain: String = plain
        .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect();
    let mut words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = words.char_indices().nth(HEADING) {
        words.truncate(end);
        words.push('…');
    }
    words
}

/// The mail as it goes over the wire, or why there can be none.
pub fn write(mail: &Mail, from: &Mailbox, public_url: &str) -> Result<Message, String> {
    let address = mail.to_address.parse().map_err(|_| "their e-mail address is none that mail can go to".to_owned())?;
    let host = from.email.domain();
    let (ws, number) = (mail.workspace, mail.case_number);
    let happened = happened(mail);
    let title = one_line(&mail.case_title);
    let text = format!(
        "{happened}:\n\n    {title}\n\nOpen it: {public_url}/cases/{number}\n\n-- \n{}\nWhat is sent to you: {public_url}/settings/notifications\n",
        one_line(&mail.workspace_name)
    );
    let built = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(Some(one_line(&mail.to_name)), address))
        .date(moment(mail.at))
        // The same at every attempt: who gets a mail twice can tell.
        .message_id(Some(format!("<{}.{ws}@{host}>", mail.id)))
        // Mails about one case stand together.
        .references(format!("<case-{number}.{ws}@{host}>"))
        .subject(format!("[{}] {happened}: {title}", one_line(&mail.workspace_name)))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(text));
    let mut message = built.map_err(|_| "the mail cannot be put together".to_owned())?;
    // No automatic answer is to come back.
    for (name, value) in [("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All")] {
        let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|_| "a heading is misnamed".to_owned())?;
        message.headers_mut().insert_raw(HeaderValue::new(name, value.to_owned()));
    }
    Ok(message)
}

//! The pages. Every text that is not ours goes through [`escape`].

use cognito_srp6a::idp::{Challenge, ServiceError};

/// Returns the text as HTML that shows it, between tags and in quoted attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The form for name and password.
pub fn sign_in(token: &str, username: &str, message: Option<&str>) -> String {
    let username = escape(username);
    let fields = format!(
        r#"<p><label>User name <input name="username" value="{username}" autocomplete="username" required></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>"#
    );
    page("Sign in", &(alert(message) + &form("/sign-in", token, &fields, "Sign in")))
}

/// The form for the answer to a challenge, or `None` if this example has none. `message` stands in for the service's refusal.
pub fn challenge(token: &str, challenge: &Challenge, message: Option<&str>) -> Option<String> {
    let (title, fields) = match challenge {
        Challenge::SmsMfa(challenge)
        | Challenge::EmailMfa(challenge)
        | Challenge::SoftwareTokenMfa(challenge)
        | Challenge::SmsOtp(challenge)
        | Challenge::EmailOtp(challenge) => {
            let place = challenge.destination().map_or("of your authenticator app".into(), |destination| {
                format!("that was sent to {}", escape(destination))
            });
            (
                "Enter your code",
                format!(
                    r#"<p><label>The code {place} <input name="code" inputmode="numeric" autocomplete="one-time-code" required></label></p>"#
                ),
            )
        }
        Challenge::NewPasswordRequired(challenge) => {
            let password = r#"<p><label>New password <input name="new_password" type="password" autocomplete="new-password" required></label></p>"#;
            let attribute = |name: &String| {
                let name = escape(name);
                format!("\n<p><label>{name} <input name=\"attribute.{name}\" required></label></p>")
            };
            let attributes: String = challenge.required_attributes().iter().map(attribute).collect();
            ("Choose a new password", password.to_owned() + &attributes)
        }
        Challenge::SelectMfaType(challenge) => {
            let choice = |choice: &str| {
                let choice = escape(choice);
                format!(
                    "<p><label><input type=\"radio\" name=\"choice\" value=\"{choice}\" required> {choice}</label></p>"
                )
            };
            let choices: Vec<_> = challenge.choices().iter().map(|name| choice(name.as_str())).collect();
            ("Choose a second factor", choices.join("\n"))
        }
        _ => return None,
    };
    let message = message.or(challenge.refusal().map(ServiceError::message));
    Some(page(title, &(alert(message) + &form("/challenge", token, &fields, "Continue"))))
}

/// The page of a signed-in user.
pub fn signed_in(token: &str, username: &str) -> String {
    let body = format!("<p>{} is signed in.</p>\n", escape(username));
    page("Signed in", &(body + &form("/sign-out", token, "", "Sign out")))
}

/// A page that ends a sign-in.
pub fn ended(message: &str) -> String {
    page("Sign-in ended", &(alert(Some(message)) + "<p><a href=\"/\">Begin again</a></p>"))
}

fn alert(message: Option<&str>) -> String {
    message.map_or_else(String::new, |message| format!("<p role=\"alert\">{}</p>\n", escape(message)))
}

/// A form of ours. `token` has the letters of Base64url.
fn form(action: &str, token: &str, fields: &str, button: &str) -> String {
    format!(
        r#"<form method="post" action="{action}">
<input type="hidden" name="token" value="{token}">
{fields}
<p><button>{button}</button></p>
</form>"#
    )
}

fn page(title: &str, body: &str) -> String {
    format!(
        r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<h1>{title}</h1>
{body}
</html>
"#
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_character_of_a_text_is_markup() {
        let hostile = r#"<script>alert("x")</script> & '"#;
        assert_eq!(super::escape(hostile), "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;");
        assert!(!super::signed_in("token", hostile).contains("<script"));
    }
}

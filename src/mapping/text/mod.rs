//! What a message says, in Portuguese: the functions behind the filters of a
//! text, such as `{{ nome | first_name }}`.
//!
//! Lives here: names, amounts, dates, phones and plain text, each as a pure
//! function from a value to what a person reads. Never here: Jinja itself,
//! reading values (that is `mapping::convert`), or a clock.

mod date;
mod line;
mod money;
mod name;
mod phone;
mod url;

pub use date::{format_date, weekday, write_date};
pub use line::{one_line, plural, truncate};
pub use money::brl;
pub use name::{first_name, title};
pub use phone::{digits, phone_mask};
pub use url::urlencode;

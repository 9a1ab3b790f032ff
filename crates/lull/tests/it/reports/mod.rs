//! Reports: equal to a calculation from the definitions alone, over random histories; over HTTP; counted anew.

mod equal;
mod http;
mod pairs;
mod place;
mod reference;

"""People and vacancies: what people wish for, what they ask help with, which occupation a title means, who fits where."""

"""Who may do what: roles, permissions, principals and the tokens that prove them. It asks nobody."""

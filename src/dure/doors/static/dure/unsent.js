// What was just sent was not taken: the desk goes on keeping what was typed.

sessionStorage.removeItem("dure-sent");

// Says in words what the chosen crontab of a periodic task means, below the field.
"use strict";
{
  const words = JSON.parse(document.getElementById("readable-crontabs").textContent);
  const field = document.querySelector(".field-crontab");
  const choice = document.getElementById("id_crontab");
  const help = field && field.querySelector(".help, .leading-relaxed");
  const translation = document.querySelector(".field-crontab_translation");
  if (translation) translation.hidden = true;
  if (field && choice && help) {
    const first = help.textContent;
    const tell = () => {
      const meaning = words[choice.value];
      help.textContent = meaning ? `${first} Translation: ${meaning}` : first;
    };
    field.addEventListener("change", tell);
  }
}
